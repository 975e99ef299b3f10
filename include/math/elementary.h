/*
 * exp, log, tanh, sigmoid and erf of one number without branches or tables, so that loops over them
 * become vectors. Float: own polynomials (minimax, fitted for this) after range reduction, 1 to 3
 * ulp. Double, where only gradients are checked: the C library.
 */
#ifndef NN_MATH_ELEMENTARY_H
#define NN_MATH_ELEMENTARY_H

#include "math/hot.h"
#include "math/real.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#if NN_REAL_IS_DOUBLE

NN_HOT_INLINE double nn_exp(double x)
{
    return exp(x);
}

NN_HOT_INLINE double nn_log(double x)
{
    return log(x);
}

NN_HOT_INLINE double nn_tanh(double x)
{
    return tanh(x);
}

NN_HOT_INLINE double nn_erf(double x)
{
    return erf(x);
}

NN_HOT_INLINE double nn_abs(double x)
{
    return fabs(x);
}

#else

NN_HOT_INLINE uint32_t nn_float_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

NN_HOT_INLINE float nn_float_from(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

NN_HOT_INLINE float nn_abs(float x)
{
    return fabsf(x);
}

/* ln 2 in two parts; the first has so few bits that its product with an exponent is exact. */
#define LN2_HIGH 0.693359375f
#define LN2_LOW  -2.12194440e-4f

/* exp(x) = 2^n exp(r), n the nearest integer to x / ln 2. */
NN_HOT_INLINE float nn_exp(float x)
{
    const float magic = 12582912; /* 1.5 * 2^23: adding it rounds to an integer in the low bits */
    float c = x > -104 ? x : -104;
    float t, n, r, q, y;
    uint32_t k, half;

    c = c < 89 ? c : 89;
    t = c * 1.44269504f + magic;
    n = t - magic;
    r = c - n * LN2_HIGH;
    r = r - n * LN2_LOW;
    q = 1.39506035e-3f;
    q = q * r + 8.36895359e-3f;
    q = q * r + 4.16662041e-2f;
    q = q * r + 1.66665183e-1f;
    q = q * r + 5.00000010e-1f;
    y = 1 + (r + r * r * q);
    /* 2^n is put on in two halves, because it may lie outside the normal numbers. */
    k = nn_float_bits(t) - nn_float_bits(magic) + 254;
    half = k >> 1;
    y = y * nn_float_from(half << 23) * nn_float_from((k - half) << 23);
    return x != x ? x : y;
}

/* log(x) = e ln 2 + log(m), m from sqrt(1/2) to sqrt(2). */
NN_HOT_INLINE float nn_log(float x)
{
    const int tiny = x < 1.17549435e-38f; /* denormals are scaled into the normal numbers */
    const uint32_t bits = nn_float_bits(tiny ? x * 8388608 : x) - 0x3f3504f3;
    const int32_t exponent = (int32_t)bits >> 23;
    const float e = (float)(exponent - (tiny ? 23 : 0));
    const float f = nn_float_from((bits & 0x7fffff) + 0x3f3504f3) - 1;
    float p = 6.92104142e-2f, y;

    p = p * f - 1.17806928e-1f;
    p = p * f + 1.18651302e-1f;
    p = p * f - 1.23855531e-1f;
    p = p * f + 1.42200220e-1f;
    p = p * f - 1.66692163e-1f;
    p = p * f + 2.00021461e-1f;
    p = p * f - 2.49999864e-1f;
    p = p * f + 3.33333119e-1f;
    y = f * f * (f * p - 0.5f) + e * LN2_LOW;
    y = e * LN2_HIGH + (f + y);
    y = x > 0 ? y : (x == 0 ? -INFINITY : NAN);
    return x < INFINITY ? y : x; /* infinity and NaN stay what they are */
}

/* Odd: a polynomial near 0, 1 - 2 / (exp(2x) + 1) elsewhere. */
NN_HOT_INLINE float nn_tanh(float x)
{
    const float a = fabsf(x), s = x * x, limited = a > 10 ? 10 : a;
    const float far = 1 - 2 / (nn_exp(2 * limited) + 1);
    float p = -5.6653328e-3f;

    p = p * s + 2.06067070e-2f;
    p = p * s - 5.37309406e-2f;
    p = p * s + 1.33313544e-1f;
    p = p * s - 3.33332796e-1f;
    return copysignf(a < 0.63f ? a + a * s * p : far, x);
}

/* Odd: a polynomial near 0, 1 - exp(polynomial) elsewhere. */
NN_HOT_INLINE float nn_erf(float x)
{
    const float a = fabsf(x), s = x * x, limited = a > 4 ? 4 : a;
    float p = 8.39729095e-5f, q = 1.97180875e-4f;

    p = p * s - 8.14968832e-4f;
    p = p * s + 5.20170588e-3f;
    p = p * s - 2.68596982e-2f;
    p = p * s + 1.12837015e-1f;
    p = p * s - 3.76126342e-1f;
    p = p * s + 1.28379167e-1f;
    q = q * limited - 3.05559941e-3f;
    q = q * limited + 2.22770554e-2f;
    q = q * limited - 1.04037296e-1f;
    q = q * limited - 6.37059824e-1f;
    q = q * limited - 1.12774952f;
    q = q * limited - 1.77504213e-4f;
    return copysignf(a < 0.92f ? a + a * p : 1 - nn_exp(q), x);
}

#endif

/* Both branches divide small by large, so that nothing is lost far from 0. */
NN_HOT_INLINE nn_real nn_sigmoid(nn_real x)
{
    const nn_real e = nn_exp(-nn_abs(x));
    const nn_real r = 1 / (1 + e);
    return x < 0 ? e * r : r;
}

#endif
