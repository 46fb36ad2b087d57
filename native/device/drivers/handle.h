#pragma once

#include <memory>
#include <utility>

namespace thalweg::drivers {

/// Owns one object of a driver; `release` is the function of the driver's table that gives it back.
template <typename Api, typename Object, auto release>
class Handle {
 public:
  Handle() = default;
  Handle(std::shared_ptr<const Api> api, Object object) : api_(std::move(api)), object_(object) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept
      : api_(std::move(other.api_)), object_(std::exchange(other.object_, Object{})) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this == &other) return *this;
    reset();
    api_ = std::move(other.api_);
    object_ = std::exchange(other.object_, Object{});
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  [[nodiscard]] Object get() const noexcept { return object_; }

 private:
  // A destructor has nobody to tell of a failed release.
  void reset() noexcept {
    if (object_ != Object{}) static_cast<void>(((*api_).*release)(object_));
    object_ = Object{};
  }

  std::shared_ptr<const Api> api_;
  Object object_{};
};

}  // namespace thalweg::drivers
