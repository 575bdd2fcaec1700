/* What the programs in C share.  They are the limit: the same training with every derivative worked out by hand.

   Each is compiled twice.  Plainly (gcc -O3 -march=native) the order of all sums is as it is written here.  For the
   processor's vector units (-fopenmp-simd -fno-math-errno) the sums marked with a pragma may be added up in
   any order, and moons_simd.c computes several samples at a time.

   Matrices are stored row by row, outputs x inputs, one parameter after the other. */

#pragma once

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

INLINE double dot(const double *restrict a, const double *restrict b, int n) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* y += factor * x */
INLINE void add(double *restrict y, double factor, const double *restrict x, int n) {
    for (int i = 0; i < n; i++) y[i] += factor * x[i];
}

/* y = W x */
INLINE void multiply(double *restrict y, const double *restrict W, const double *restrict x, int rows, int columns) {
    for (int i = 0; i < rows; i++) y[i] = dot(W + i * columns, x, columns);
}

/* Backward through y = W x:  dW += dy x^T  and  dx += W^T dy */
INLINE void multiply_backward(double *restrict dW, double *restrict dx, const double *restrict W,
                              const double *restrict x, const double *restrict dy, int rows, int columns) {
    for (int i = 0; i < rows; i++) {
        add(dW + i * columns, dy[i], x, columns);
        add(dx, dy[i], W + i * columns, columns);
    }
}

/* -log softmax(logits)[target]; logits become the gradient with respect to them */
INLINE double cross_entropy(double *logits, int n, int target) {
    double largest = logits[0], sum = 0;
    for (int i = 1; i < n; i++) largest = fmax(largest, logits[i]);
    double wanted = logits[target] - largest;
    for (int i = 0; i < n; i++) sum += logits[i] = exp(logits[i] - largest);
    for (int i = 0; i < n; i++) logits[i] /= sum;
    logits[target] -= 1;
    return log(sum) - wanted;
}
