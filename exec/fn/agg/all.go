package agg

import "github.com/skep-sql/skep/exec/fn"

// All lists the aggregate functions.
var All = []*fn.Function{
	count, countIf, sum, trySum, avg, decimalAverage, minFn, maxFn, anyValue, first, last, argMin, argMax, arrayAgg, collectList, collectSet, stringAgg,
	boolAnd, boolOr, bitAnd, bitOr, bitXor, product, approxCountDistinct, median, quantileCont, quantileDisc, mode,
	varSamp, varPop, stddevSamp, stddevPop, sem, skewness, kurtosis, covarSamp, covarPop, corr,
	histogram, entropy, mad, approxTopK, argMinNull, argMaxNull, geomean, weightedAvg, kurtosisPop,
	regrSlope, regrIntercept, regrR2, regrCount, regrAvgX, regrAvgY, regrSXX, regrSYY, regrSXY,
}
