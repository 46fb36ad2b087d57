#include "memory.h"

#include <sys/mman.h>

#include <new>

#include "../host_memory.h"
#include "level.h"

namespace thalweg::cpu {

Memory::Memory(std::uint64_t bytes)
    : bytes_(bytes), mapped_(static_cast<std::size_t>(bytes) + slackBytes) {
  checkHostMemory(bytes, "cpu");
  void* mapping =
      mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the macro's own cast
  if (mapping == MAP_FAILED) throw std::bad_alloc();
#if defined(MADV_HUGEPAGE)
  madvise(mapping, mapped_, MADV_HUGEPAGE);
#endif
  data_ = static_cast<std::byte*>(mapping);
}

Memory::~Memory() { munmap(data_, mapped_); }

}  // namespace thalweg::cpu
