#include "textflag.h"

// func classifyAVX2(buf *byte, n int, out *block, delim, nl, quote byte, mask uint64)
TEXT ·classifyAVX2(SB), NOSPLIT, $0-40
	MOVQ         buf+0(FP), SI
	MOVQ         n+8(FP), CX
	MOVQ         out+16(FP), DI
	VPBROADCASTB delim+24(FP), Y0
	VPBROADCASTB nl+25(FP), Y1
	VPBROADCASTB quote+26(FP), Y2
	MOVQ         mask+32(FP), R8
	TESTQ        CX, CX
	JZ           done

loop:
	VMOVDQU   (SI), Y3
	VMOVDQU   32(SI), Y4
	VPCMPEQB  Y3, Y0, Y5
	VPCMPEQB  Y4, Y0, Y6
	VPCMPEQB  Y3, Y1, Y7
	VPCMPEQB  Y4, Y1, Y8
	VPCMPEQB  Y3, Y2, Y9
	VPCMPEQB  Y4, Y2, Y10
	VPMOVMSKB Y5, AX
	VPMOVMSKB Y6, BX
	VPMOVMSKB Y7, DX
	VPMOVMSKB Y8, R9
	VPMOVMSKB Y9, R10
	VPMOVMSKB Y10, R11
	SHLQ      $32, BX
	SHLQ      $32, R9
	SHLQ      $32, R11
	ORQ       BX, AX
	ORQ       R9, DX
	ORQ       R11, R10
	ORQ       DX, AX
	ANDQ      R8, R10
	MOVQ      AX, (DI)
	MOVQ      DX, 8(DI)
	MOVQ      R10, 16(DI)
	ADDQ      $64, SI
	ADDQ      $24, DI
	DECQ      CX
	JNZ       loop

done:
	VZEROUPPER
	RET

#define PLACE(off) \
	TZCNTQ AX, BX         \
	ADDL   R8, BX         \
	MOVL   BX, off(DI)    \
	BLSRQ  AX, AX

// func placesBMI(words *uint64, n int, base uint32, pos *uint32)
TEXT ·placesBMI(SB), NOSPLIT, $0-32
	MOVQ  words+0(FP), SI
	MOVQ  n+8(FP), CX
	MOVL  base+16(FP), R8
	MOVQ  pos+24(FP), DI
	TESTQ CX, CX
	JZ    end

word:
	MOVQ    (SI), AX
	TESTQ   AX, AX
	JZ      next
	POPCNTQ AX, R9
	LEAQ    (DI)(R9*4), R10
	PLACE(0)
	PLACE(4)
	PLACE(8)
	PLACE(12)
	PLACE(16)
	PLACE(20)
	PLACE(24)
	PLACE(28)
	PLACE(32)
	PLACE(36)
	PLACE(40)
	PLACE(44)

more:
	TESTQ AX, AX
	JZ    full
	ADDQ  $48, DI
	PLACE(0)
	PLACE(4)
	PLACE(8)
	PLACE(12)
	PLACE(16)
	PLACE(20)
	PLACE(24)
	PLACE(28)
	PLACE(32)
	PLACE(36)
	PLACE(40)
	PLACE(44)
	JMP   more

full:
	MOVQ R10, DI

next:
	ADDQ $8, SI
	ADDL $64, R8
	DECQ CX
	JNZ  word

end:
	RET
