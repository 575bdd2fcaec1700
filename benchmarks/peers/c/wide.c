/* 64-64-10, ReLU, softmax cross-entropy: loss and gradient of one sample after the other, no update. */

#include "common.h"

enum { IN = 64, HIDDEN = 64, OUT = 10, V1 = 0, C1 = V1 + HIDDEN * IN, V2 = C1 + HIDDEN, C2 = V2 + OUT * HIDDEN };

static __attribute__((noinline)) double one_sample(const double *x, int target, const double *restrict p,
                                                   double *restrict gradient) {
    double h[HIDDEN], logits[OUT], dh[HIDDEN] = {0};
    for (int i = 0; i < HIDDEN; i++) h[i] = fmax(dot(p + V1 + i * IN, x, IN) + p[C1 + i], 0);
    for (int i = 0; i < OUT; i++) logits[i] = dot(p + V2 + i * HIDDEN, h, HIDDEN) + p[C2 + i];
    double loss = cross_entropy(logits, OUT, target);
    for (int i = 0; i < OUT; i++) {
        gradient[C2 + i] = logits[i];
        for (int j = 0; j < HIDDEN; j++) gradient[V2 + i * HIDDEN + j] = logits[i] * h[j];
        add(dh, logits[i], p + V2 + i * HIDDEN, HIDDEN);
    }
    for (int i = 0; i < HIDDEN; i++) {
        double d = h[i] > 0 ? dh[i] : 0;
        gradient[C1 + i] = d;
        for (int j = 0; j < IN; j++) gradient[V1 + i * IN + j] = d * x[j];
    }
    return loss;
}

void wide(long steps, long samples, const double *x, const double *target, const double *p, double *gradient,
          double *losses) {
    for (long step = 0; step < steps; step++) {
        long i = step % samples;
        losses[step] = one_sample(x + i * IN, (int)target[i], p, gradient);
    }
}
