#include "blocks.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#if !defined(__x86_64__)
#error "the emulator's switch between stacks is written for x86-64"
#endif

// Saves what the calling convention wants kept, and the stack; goes on where `to` left off.
extern "C" void emulatorSwitch(void** from, void* to);
asm(R"(
.text
.globl emulatorSwitch
.hidden emulatorSwitch
emulatorSwitch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");

namespace emulator {
namespace {

constexpr std::size_t stackBytes = std::size_t{64} << 10U;

enum class At { start, barrier, end };

struct Item {
  std::byte* stack = nullptr;
  void* stackPointer = nullptr;
  At at = At::start;
  int line = 0;
};

/// The work-items of this thread's blocks; their stacks are kept from block to block.
struct Runner {
  emulated::Block block{};
  Entry kernel = nullptr;
  void** arguments = nullptr;
  std::vector<Item> items;
  Item* current = nullptr;
  void* ownStack = nullptr;

  void prepare(unsigned int count);
  void start(Item& item);
  void resume(unsigned int index);
  std::string run(unsigned int count);
};

thread_local Runner runner;

void meet(emulated::Block*, int line) {
  Item& item = *runner.current;
  item.at = At::barrier;
  item.line = line;
  emulatorSwitch(&item.stackPointer, runner.ownStack);
}

void enter() {
  runner.kernel(&runner.block, runner.arguments);
  Item& item = *runner.current;
  item.at = At::end;
  emulatorSwitch(&item.stackPointer, runner.ownStack);
  std::abort();  // nobody resumes a work-item that is done
}

void Runner::prepare(unsigned int count) {
  while (items.size() < count) {
    void* const stack = mmap(nullptr, stackBytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) std::abort();
    Item item;
    item.stack = static_cast<std::byte*>(stack);
    items.push_back(item);
  }
}

void Runner::start(Item& item) {
  auto* top = reinterpret_cast<std::uintptr_t*>(item.stack + stackBytes);
  *--top = 0;  // where `enter` would return to
  *--top = reinterpret_cast<std::uintptr_t>(&enter);
  for (int saved = 0; saved < 6; ++saved) *--top = 0;
  item.stackPointer = top;
  item.at = At::start;
}

void Runner::resume(unsigned int index) {
  current = &items[index];
  if (current->at == At::end) return;
  block.thread = {index, 0, 0};
  emulatorSwitch(&ownStack, current->stackPointer);
}

std::string Runner::run(unsigned int count) {
  for (unsigned int i = 0; i < count; ++i) start(items[i]);
  const auto wave = static_cast<unsigned int>(block.waveSize);
  const unsigned int waves = (count + wave - 1) / wave;
  for (bool backwards = block.block.x % 2 == 1;; backwards = !backwards) {
    for (unsigned int turn = 0; turn < waves; ++turn) {
      const unsigned int first = (backwards ? waves - 1 - turn : turn) * wave;
      for (unsigned int lane = 0; lane < wave; ++lane) {
        const unsigned int index = first + (backwards ? wave - 1 - lane : lane);
        if (index < count) resume(index);
      }
    }
    for (unsigned int i = 1; i < count; ++i) {
      if (items[i].at != items[0].at)
        return "some work-items wait at a barrier that others have ended without";
      if (items[i].at == At::barrier && items[i].line != items[0].line)
        return "work-items meet at different barriers, lines " + std::to_string(items[0].line) +
               " and " + std::to_string(items[i].line);
    }
    if (items[0].at == At::end) return {};
  }
}

}  // namespace

std::string runBlocks(Entry kernel, void** arguments, unsigned int blocks, unsigned int blockSize,
                      int waveSize) {
  runner.prepare(blockSize);
  runner.kernel = kernel;
  runner.arguments = arguments;
  for (unsigned int i = 0; i < blocks; ++i) {
    runner.block = {{0, 0, 0}, {i, 0, 0}, {blockSize, 1, 1}, {blocks, 1, 1}, waveSize, &meet};
    const std::string failure = runner.run(blockSize);
    if (!failure.empty()) return failure;
  }
  return {};
}

}  // namespace emulator
