/* Moons as in moons.c, several samples at a time: a number is a vector of doubles, one for each sample, as wide as
   the processor's registers, and what is added up at the same time fits into so many registers as it has. */

#include "common.h"

enum { N = 16, W1 = 0, B1 = W1 + 2 * N, W2 = B1 + N, B2 = W2 + N * N, W3 = B2 + N, B3 = W3 + N, COUNT = B3 + 1 };
#ifdef __AVX512F__
enum { LANES = 8, ROWS = 4, COLUMNS = 4 };
#else
enum { LANES = 4, ROWS = 4, COLUMNS = 2 };
#endif

typedef double number __attribute__((vector_size(8 * LANES)));
typedef long mask __attribute__((vector_size(8 * LANES)));

/* x where the mask says so, else 0 */
INLINE number keep(number x, mask where) { return (number)((mask)x & where); }

INLINE double add_up(number x) {
    typedef double half __attribute__((vector_size(4 * LANES)));
    half halves[2];
    memcpy(halves, &x, sizeof x);
    half sums = halves[0] + halves[1];
    double sum = 0;
    for (int lane = 0; lane < LANES / 2; lane++) sum += sums[lane];
    return sum;
}

void moons(long steps, long samples, const double *x, const double *target, double lr, double penalty, double *p,
           double *losses) {
    /* Samples in blocks; the last block is filled up with samples whose target 0 makes their gradient 0. */
    long blocks = (samples + LANES - 1) / LANES, filled_up = blocks * LANES - samples;
    number x1[blocks], x2[blocks], targets[blocks];
    memset(x1, 0, sizeof x1), memset(x2, 0, sizeof x2), memset(targets, 0, sizeof targets);
    for (long s = 0; s < samples; s++) {
        x1[s / LANES][s % LANES] = x[2 * s];
        x2[s / LANES][s % LANES] = x[2 * s + 1];
        targets[s / LANES][s % LANES] = target[s];
    }

    number h1[blocks][N], h2[blocks][N], d1[blocks][N], d2[blocks][N], d_score[blocks];
    for (long step = 0; step < steps; step++) {
        double gradient[COUNT];
        number hinge = {0};

        /* Forward and backward: the sums of eight neurons grow side by side in registers. */
        for (long block = 0; block < blocks; block++) {
            number score = p[B3] + (number){0};
            for (int i = 0; i < N; i++) {
                number z = p[W1 + 2 * i] * x1[block] + p[W1 + 2 * i + 1] * x2[block] + p[B1 + i];
                h1[block][i] = keep(z, z > 0);
            }
            for (int tile = 0; tile < N; tile += 8) {
                number z[8];
                for (int i = 0; i < 8; i++) z[i] = p[B2 + tile + i] + (number){0};
#pragma GCC unroll 16
                for (int j = 0; j < N; j++)
#pragma GCC unroll 8
                    for (int i = 0; i < 8; i++) z[i] += p[W2 + N * (tile + i) + j] * h1[block][j];
                for (int i = 0; i < 8; i++) {
                    h2[block][tile + i] = z[i] = keep(z[i], z[i] > 0);
                    score += p[W3 + tile + i] * z[i];
                }
            }
            number margin = 1 - targets[block] * score;
            hinge += keep(margin, margin > 0);

            number d = d_score[block] = keep(-targets[block] / (double)samples, margin > 0);
            for (int i = 0; i < N; i++) d2[block][i] = keep(d * p[W3 + i], h2[block][i] > 0);
            for (int tile = 0; tile < N; tile += 8) {
                number z[8] = {0};
#pragma GCC unroll 16
                for (int i = 0; i < N; i++)
#pragma GCC unroll 8
                    for (int j = 0; j < 8; j++) z[j] += p[W2 + N * i + tile + j] * d2[block][i];
                for (int j = 0; j < 8; j++) d1[block][tile + j] = keep(z[j], h1[block][tile + j] > 0);
            }
        }

        /* Gradients: sums over the samples, of the weights between the hidden layers a tile at a time. */
        for (int i = 0; i < N; i++) {
            number w1 = {0}, w2 = {0}, b1 = {0}, b2 = {0}, w3 = {0};
            for (long block = 0; block < blocks; block++) {
                w1 += d1[block][i] * x1[block], w2 += d1[block][i] * x2[block], b1 += d1[block][i];
                b2 += d2[block][i], w3 += d_score[block] * h2[block][i];
            }
            gradient[W1 + 2 * i] = add_up(w1), gradient[W1 + 2 * i + 1] = add_up(w2), gradient[B1 + i] = add_up(b1);
            gradient[B2 + i] = add_up(b2), gradient[W3 + i] = add_up(w3);
        }
        for (int i = 0; i < N; i += ROWS)
            for (int j = 0; j < N; j += COLUMNS) {
                number sums[ROWS][COLUMNS] = {0};
                for (long block = 0; block < blocks; block++)
#pragma GCC unroll 4
                    for (int a = 0; a < ROWS; a++)
#pragma GCC unroll 4
                        for (int b = 0; b < COLUMNS; b++) sums[a][b] += d2[block][i + a] * h1[block][j + b];
                for (int a = 0; a < ROWS; a++)
                    for (int b = 0; b < COLUMNS; b++) gradient[W2 + N * (i + a) + j + b] = add_up(sums[a][b]);
            }
        number b3 = {0};
        for (long block = 0; block < blocks; block++) b3 += d_score[block];
        gradient[B3] = add_up(b3);

        losses[step] = (add_up(hinge) - filled_up) / samples + penalty * dot(p, p, COUNT);
        for (int i = 0; i < COUNT; i++) p[i] -= lr * (gradient[i] + 2 * penalty * p[i]);
    }
}
