package csv

func classify(buf []byte, d *dialect, out []block) { classifyWords(buf, d, out) }
