// The limit of the memory: every core adds up its part of X, in vectors, in the orders that
// processors like best, with and without being told what comes next. Compiled by the harness for
// the machine it runs on.
#include <sys/mman.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lines.h"

namespace {

using Clock = std::chrono::steady_clock;
using Vector = float __attribute__((vector_size(64), aligned(64)));

constexpr std::size_t kUnrolled = 4;  // with more, sums no longer fit the registers of AVX2
constexpr std::size_t kStreams = kUnrolled;

double total(const Vector (&sums)[kUnrolled]) {
  double result = 0;
  for (const Vector& sum : sums) {
    for (std::size_t i = 0; i < 16; ++i) result += sum[i];
  }
  return result;
}

/// Has the vector fetched that is `ahead` further on; with 0 the processor finds out by itself.
template <std::size_t ahead>
[[gnu::always_inline]] inline void fetch(const Vector* value) {
  if (ahead > 0) __builtin_prefetch(value + ahead);
}

/// From one end to the other.
template <std::size_t ahead>
double addStraight(const Vector* values, std::size_t count) {
  Vector sums[kUnrolled] = {};
  for (std::size_t i = 0; i + kUnrolled <= count; i += kUnrolled) {
    for (std::size_t j = 0; j < kUnrolled; ++j) {
      fetch<ahead>(values + i + j);
      sums[j] += values[i + j];
    }
  }
  return total(sums);
}

/// Several stretches at once, which keeps more of the prefetchers at work.
template <std::size_t ahead>
double addStreams(const Vector* values, std::size_t count) {
  Vector sums[kUnrolled] = {};
  const std::size_t stretch = count / kStreams;
  for (std::size_t i = 0; i < stretch; ++i) {
    for (std::size_t stream = 0; stream < kStreams; ++stream) {
      const Vector* value = values + stream * stretch + i;
      fetch<ahead>(value);
      sums[stream] += *value;
    }
  }
  return total(sums);
}

struct Unmap {
  std::size_t bytes;
  void operator()(std::byte* memory) const { munmap(memory, bytes); }
};
using Memory = std::unique_ptr<std::byte, Unmap>;

Memory allocate(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  madvise(memory, bytes, MADV_HUGEPAGE);
  return Memory(static_cast<std::byte*>(memory), Unmap{bytes});
}

/// Seconds that all cores take to read `count` vectors so many times.
template <typename Add>
double secondsOf(Add add, const Vector* values, std::size_t count, std::size_t times) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t part = count / cores;
  Clock::time_point start;
  std::barrier ready(static_cast<std::ptrdiff_t>(cores), [&]() noexcept { start = Clock::now(); });
  std::vector<double> sums(cores);
  std::vector<std::thread> threads;
  for (std::size_t core = 0; core < cores; ++core) {
    threads.emplace_back([&, core] {
      ready.arrive_and_wait();
      for (std::size_t time = 0; time < times; ++time) {
        const double sum = add(values + core * part, part);
        // The compiler is not to find that every time is the same.
        asm volatile("" ::: "memory");
        sums[core] += sum;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void serve() {
  Memory memory;
  std::string loaded;
  std::size_t held = 0;
  std::size_t count = 0;
  for (std::string line; std::getline(std::cin, line);) {
    const std::string what = bench::field(line, "do");
    if (what == "load") {
      const std::size_t width = bench::field(line, "dtype") == "float64" ? 8 : 4;
      const std::size_t bytes = bench::size(line, "rows") * bench::size(line, "columns") * width;
      const std::string file = bench::field(line, "X");
      if (file != loaded || bytes > held) {
        memory.reset();
        memory = allocate(bytes + sizeof(Vector));
        bench::readFile(file, memory.get(), bytes);
        loaded = file;
        held = bytes;
      }
      count = bytes / sizeof(Vector);
      std::printf("{\"bytes\":%zu}\n", count * sizeof(Vector));
    } else {
      const std::size_t times = bench::size(line, "iterations");
      const auto* values = reinterpret_cast<const Vector*>(memory.get());
      double best = std::numeric_limits<double>::infinity();
      for (const auto add :
           {addStraight<0>, addStraight<32>, addStraight<64>, addStreams<0>, addStreams<8>}) {
        best = std::min(best, secondsOf(add, values, count, times));
      }
      std::printf("{\"seconds\":%.9g}\n", best);
    }
    std::fflush(stdout);
  }
}

}  // namespace

int main() {
  try {
    serve();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
