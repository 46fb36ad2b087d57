#pragma once

#include <napi.h>

#include <exception>

namespace thalweg::binding {

/// The plain Error object that lib/base/errors.ts turns into a ThalwegError: `code` and the details
/// that are set. A cancelled job gives the code 'CANCELLED'.
[[nodiscard]] Napi::Value toJavaScript(Napi::Env env, const std::exception_ptr& failure);

/// Runs `body` and throws what it throws into JavaScript in the same form.
template <typename Body>
auto rethrowing(Napi::Env env, Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw Napi::Error(env, toJavaScript(env, std::current_exception()));
  }
}

/// Runs a body that gives a promise; what it throws before rejects another.
template <typename Body>
Napi::Value rejecting(Napi::Env env, Body body) {
  try {
    return body();
  } catch (...) {
    const auto deferred = Napi::Promise::Deferred::New(env);
    deferred.Reject(toJavaScript(env, std::current_exception()));
    return deferred.Promise();
  }
}

}  // namespace thalweg::binding
