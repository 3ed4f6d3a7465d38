// For training on a processor: group norm with SiLU for activations stored channels last, and attention with thin heads.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {
struct Bf16 { uint16_t bits; };

inline float load(float v) { return v; }
inline float load(Bf16 v) { uint32_t wide = uint32_t(v.bits) << 16; float f; std::memcpy(&f, &wide, 4); return f; }
inline void store(float *p, float v) { *p = v; }
inline void store(Bf16 *p, float v) { uint32_t b; std::memcpy(&b, &v, 4); p->bits = uint16_t((b + 0x7fff + ((b >> 16) & 1)) >> 16); }

// No exponent overflows: the compiler's fast reciprocal of infinity is not a number.
inline float sigmoid_of(float v) { return 1 / (1 + std::exp(v > -80 ? -v : 80.f)); }

template <class T>
void forward(const T *x, const float *weight, const float *bias, T *y, float *mean, float *inverse,
             int n, int pixels, int c, int groups, float eps, bool silu) {
  const int each = c / groups;
  std::vector<float> sum(c), square(c), scale(c), shift(c);
  for (int i = 0; i < n; i++) {
    const T *rows = x + size_t(i) * pixels * c;
    T *out = y + size_t(i) * pixels * c;
    std::vector<double> sums(groups, 0), squares(groups, 0);
    for (int start = 0; start < pixels; start += 256) {  // short float sums, gathered in double
      const int end = start + 256 < pixels ? start + 256 : pixels;
      std::fill(sum.begin(), sum.end(), 0.f);
      std::fill(square.begin(), square.end(), 0.f);
      float *__restrict s = sum.data(), *__restrict q = square.data();
      for (int p = start; p < end; p++) {
        const T *__restrict row = rows + size_t(p) * c;
        for (int k = 0; k < c; k++) { float v = load(row[k]); s[k] += v; q[k] += v * v; }
      }
      for (int k = 0; k < c; k++) { sums[k / each] += s[k]; squares[k / each] += q[k]; }
    }
    for (int g = 0; g < groups; g++) {
      const double m = sums[g] / (double(pixels) * each), v = squares[g] / (double(pixels) * each) - m * m;
      mean[i * groups + g] = float(m);
      inverse[i * groups + g] = float(1 / std::sqrt((v > 0 ? v : 0) + eps));
    }
    for (int k = 0; k < c; k++) {
      scale[k] = inverse[i * groups + k / each] * weight[k];
      shift[k] = bias[k] - mean[i * groups + k / each] * scale[k];
    }
    const float *a = scale.data(), *b = shift.data();
    for (int p = 0; p < pixels; p++) {
      const T *__restrict row = rows + size_t(p) * c;
      T *__restrict to = out + size_t(p) * c;
      if (silu) for (int k = 0; k < c; k++) { float v = load(row[k]) * a[k] + b[k]; store(to + k, v * sigmoid_of(v)); }
      else for (int k = 0; k < c; k++) store(to + k, load(row[k]) * a[k] + b[k]);
    }
  }
}

template <class T>
void backward(const T *x, const T *grad, const float *weight, const float *bias, const float *mean, const float *inverse,
              T *dx, float *dweight, float *dbias, int n, int pixels, int c, int groups, bool silu) {
  const int each = c / groups;
  std::vector<float> sum(c), product(c), scale(c), shift(c), offset(c), slope(c), centre(c);
  std::vector<T> kept(silu ? size_t(pixels) * c : 0);  // the gradient before the SiLU
  for (int k = 0; k < c; k++) dweight[k] = dbias[k] = 0;
  for (int i = 0; i < n; i++) {
    const T *rows = x + size_t(i) * pixels * c, *g = grad + size_t(i) * pixels * c;
    for (int k = 0; k < c; k++) {
      centre[k] = mean[i * groups + k / each];
      scale[k] = inverse[i * groups + k / each] * weight[k];
      shift[k] = bias[k] - centre[k] * scale[k];
    }
    std::fill(sum.begin(), sum.end(), 0.f);
    std::fill(product.begin(), product.end(), 0.f);
    float *__restrict s = sum.data(), *__restrict q = product.data();
    const float *a = scale.data(), *b = shift.data(), *m = centre.data();
    for (int p = 0; p < pixels; p++) {
      const T *__restrict row = rows + size_t(p) * c, *__restrict from = g + size_t(p) * c;
      if (silu) {
        T *__restrict keep = kept.data() + size_t(p) * c;
        for (int k = 0; k < c; k++) {
          float w = load(row[k]), v = w * a[k] + b[k], sigmoid = sigmoid_of(v);
          float d = load(from[k]) * sigmoid * (1 + v * (1 - sigmoid));
          store(keep + k, d);
          s[k] += d; q[k] += d * (w - m[k]);
        }
      } else for (int k = 0; k < c; k++) { float d = load(from[k]); s[k] += d; q[k] += d * (load(row[k]) - m[k]); }
    }
    for (int group = 0; group < groups; group++) {
      double total = 0, centred = 0;
      for (int k = group * each; k < (group + 1) * each; k++) { total += double(weight[k]) * s[k]; centred += double(weight[k]) * q[k]; }
      const double count = double(pixels) * each, r = inverse[i * groups + group];
      for (int k = group * each; k < (group + 1) * each; k++) {
        slope[k] = float(-r * r * r * centred / count);
        offset[k] = float(-r * total / count) - slope[k] * m[k];
        dweight[k] += q[k] * float(r);
        dbias[k] += s[k];
      }
    }
    const T *source = silu ? kept.data() : g;
    T *out = dx + size_t(i) * pixels * c;
    const float *u = slope.data(), *o = offset.data();
    for (int p = 0; p < pixels; p++) {
      const T *__restrict row = rows + size_t(p) * c, *__restrict from = source + size_t(p) * c;
      T *__restrict to = out + size_t(p) * c;
      for (int k = 0; k < c; k++) store(to + k, load(row[k]) * u[k] + o[k] + load(from[k]) * a[k]);
    }
  }
}

typedef float Wide __attribute__((vector_size(64)));
typedef int32_t WideInt __attribute__((vector_size(64)));
constexpr int LANES = 16;

inline Wide wide(float v) { return Wide{} + v; }
inline float sum_of(Wide v) { float sum = 0; for (int i = 0; i < LANES; i++) sum += v[i]; return sum; }
inline Wide larger(Wide a, Wide b) { return a > b ? a : b; }

// Cephes' polynomial; relative error 2e-7 down to -87, 0 below.
inline Wide exponential(Wide x) {
  x = larger(x, wide(-87.f));
  const WideInt whole = __builtin_convertvector(x * 1.44269504f - 0.5f, WideInt);  // to the nearest, for what is not above 0
  const Wide n = __builtin_convertvector(whole, Wide);
  x = x - n * 0.693359375f + n * 2.12194440e-4f;
  Wide y = wide(1.9875691500e-4f);
  y = y * x + 1.3981999507e-3f;
  y = y * x + 8.3334519073e-3f;
  y = y * x + 4.1665795894e-2f;
  y = y * x + 1.6666665459e-1f;
  y = y * x + 5.0000001201e-1f;
  y = y * x * x + x + 1.f;
  return (Wide)((WideInt)y + (whole << 23));
}

// One head of attention, D numbers wide: rows [tokens][heads * D] are laid out anew as vectors of 16 keys, D to a block.
// Keys that fill up the last block score -1e30, so that they weigh nothing.
template <int D>
struct Head {
  int keys, blocks;
  std::vector<Wide> k, v, dk, dv, p, rest;
  explicit Head(int keys) : keys(keys), blocks((keys + LANES - 1) / LANES), k(blocks * D), v(blocks * D), dk(blocks * D), dv(blocks * D), p(blocks), rest(blocks) {
    for (int j = keys; j < blocks * LANES; j++) rest[j / LANES][j % LANES] = -1e30f;
  }

  template <class T>
  void load_keys(const T *from_k, const T *from_v, int stride) {
    for (int j = 0; j < keys; j++)
      for (int d = 0; d < D; d++) {
        k[j / LANES * D + d][j % LANES] = load(from_k[size_t(j) * stride + d]);
        v[j / LANES * D + d][j % LANES] = load(from_v[size_t(j) * stride + d]);
      }
  }

  inline Wide score(const float *query, int b) const {
    Wide s = rest[b];
    for (int d = 0; d < D; d++) s += query[d] * k[b * D + d];
    return s;
  }
};

template <int D, class T>
void attend(const T *q, const T *k, const T *v, T *out, float *logs, int n, int heads, int tokens, int keys, float scale) {
  const int width = heads * D;
  Head<D> head(keys);
  for (int i = 0; i < n; i++)
    for (int h = 0; h < heads; h++) {
      const size_t key = size_t(i) * keys * width + h * D;
      head.load_keys(k + key, v + key, width);
      for (int t = 0; t < tokens; t++) {
        const size_t at = (size_t(i) * tokens + t) * width + h * D;
        float query[D];
        for (int d = 0; d < D; d++) query[d] = load(q[at + d]) * scale;
        Wide tops = wide(-1e30f), sums = wide(0), result[D];
        for (int b = 0; b < head.blocks; b++) { head.p[b] = head.score(query, b); tops = larger(tops, head.p[b]); }
        float top = tops[0];
        for (int l = 1; l < LANES; l++) top = tops[l] > top ? tops[l] : top;
        for (int d = 0; d < D; d++) result[d] = wide(0);
        for (int b = 0; b < head.blocks; b++) {
          const Wide p = exponential(head.p[b] - top);
          sums += p;
          for (int d = 0; d < D; d++) result[d] += p * head.v[b * D + d];
        }
        const float sum = sum_of(sums);
        logs[(size_t(i) * heads + h) * tokens + t] = top + std::log(sum);
        for (int d = 0; d < D; d++) store(out + at + d, sum_of(result[d]) / sum);
      }
    }
}

template <int D, class T>
void attend_back(const T *q, const T *k, const T *v, const T *out, const T *grad, const float *logs, T *dq, T *dk, T *dv,
                 int n, int heads, int tokens, int keys, float scale) {
  const int width = heads * D;
  Head<D> head(keys);
  for (int i = 0; i < n; i++)
    for (int h = 0; h < heads; h++) {
      const size_t key = size_t(i) * keys * width + h * D;
      head.load_keys(k + key, v + key, width);
      std::fill(head.dk.begin(), head.dk.end(), wide(0));
      std::fill(head.dv.begin(), head.dv.end(), wide(0));
      for (int t = 0; t < tokens; t++) {
        const size_t at = (size_t(i) * tokens + t) * width + h * D;
        float query[D], g[D], delta = 0;
        for (int d = 0; d < D; d++) {
          query[d] = load(q[at + d]) * scale;
          g[d] = load(grad[at + d]);
          delta += g[d] * load(out[at + d]);
        }
        const float log = logs[(size_t(i) * heads + h) * tokens + t];
        Wide dquery[D];
        for (int d = 0; d < D; d++) dquery[d] = wide(0);
        for (int b = 0; b < head.blocks; b++) {
          const Wide p = exponential(head.score(query, b) - log);
          Wide ds = wide(-delta);
          for (int d = 0; d < D; d++) {
            ds += g[d] * head.v[b * D + d];
            head.dv[b * D + d] += g[d] * p;
          }
          ds *= p;
          for (int d = 0; d < D; d++) {
            dquery[d] += ds * head.k[b * D + d];
            head.dk[b * D + d] += query[d] * ds;
          }
        }
        for (int d = 0; d < D; d++) store(dq + at + d, sum_of(dquery[d]) * scale);
      }
      for (int j = 0; j < keys; j++)
        for (int d = 0; d < D; d++) {
          store(dk + key + size_t(j) * width + d, head.dk[j / LANES * D + d][j % LANES]);
          store(dv + key + size_t(j) * width + d, head.dv[j / LANES * D + d][j % LANES]);
        }
    }
}
}  // namespace

#define BY_WIDTH(call) switch (width) { case 4: call(4); break; case 8: call(8); break; case 16: call(16); break; case 32: call(32); break; case 64: call(64); break; }

extern "C" {
void norm_forward_f32(const float *x, const float *w, const float *b, float *y, float *m, float *r, int n, int p, int c, int g, float eps, int silu) { forward(x, w, b, y, m, r, n, p, c, g, eps, silu); }
void norm_forward_bf16(const Bf16 *x, const float *w, const float *b, Bf16 *y, float *m, float *r, int n, int p, int c, int g, float eps, int silu) { forward(x, w, b, y, m, r, n, p, c, g, eps, silu); }
void norm_backward_f32(const float *x, const float *d, const float *w, const float *b, const float *m, const float *r, float *dx, float *dw, float *db, int n, int p, int c, int g, int silu) { backward(x, d, w, b, m, r, dx, dw, db, n, p, c, g, silu); }
void norm_backward_bf16(const Bf16 *x, const Bf16 *d, const float *w, const float *b, const float *m, const float *r, Bf16 *dx, float *dw, float *db, int n, int p, int c, int g, int silu) { backward(x, d, w, b, m, r, dx, dw, db, n, p, c, g, silu); }
#define CALL(d) attend<d>(q, k, v, out, logs, n, heads, tokens, keys, scale)
void attention_forward_f32(const float *q, const float *k, const float *v, float *out, float *logs, int n, int heads, int width, int tokens, int keys, float scale) { BY_WIDTH(CALL) }
void attention_forward_bf16(const Bf16 *q, const Bf16 *k, const Bf16 *v, Bf16 *out, float *logs, int n, int heads, int width, int tokens, int keys, float scale) { BY_WIDTH(CALL) }
#undef CALL
#define CALL(d) attend_back<d>(q, k, v, out, grad, logs, dq, dk, dv, n, heads, tokens, keys, scale)
void attention_backward_f32(const float *q, const float *k, const float *v, const float *out, const float *grad, const float *logs, float *dq, float *dk, float *dv, int n, int heads, int width, int tokens, int keys, float scale) { BY_WIDTH(CALL) }
void attention_backward_bf16(const Bf16 *q, const Bf16 *k, const Bf16 *v, const Bf16 *out, const Bf16 *grad, const float *logs, Bf16 *dq, Bf16 *dk, Bf16 *dv, int n, int heads, int width, int tokens, int keys, float scale) { BY_WIDTH(CALL) }
}
