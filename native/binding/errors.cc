#include "errors.h"

#include <new>
#include <string>
#include <system_error>

#include "../error.h"

namespace thalweg::binding {
namespace {

Napi::Object errorObject(Napi::Env env, const char* code, const std::string& message) {
  auto object = Napi::Error::New(env, message).Value();
  object.Set("code", code);
  return object;
}

Napi::Value errorObject(Napi::Env env, const Error& error) {
  auto object = errorObject(env, name(error.code()), error.what());
  const ErrorDetails& details = error.details();
  const auto setText = [&](const char* key, const std::string& text) {
    if (!text.empty()) object.Set(key, text);
  };
  const auto setNumber = [&](const char* key, const auto& number) {
    if (number) object.Set(key, Napi::Number::New(env, static_cast<double>(*number)));
  };
  setText("option", details.option);
  setText("device", details.device);
  setText("log", details.log);
  setText("path", details.path);
  setNumber("row", details.row);
  setNumber("column", details.column);
  setNumber("iteration", details.iteration);
  setNumber("rank", details.rank);
  setNumber("lastLoss", details.lastLoss);
  setNumber("largestStableLearningRate", details.largestStableLearningRate);
  return object;
}

/// What has no better words where it is met.
Error ofSystem(const std::system_error& error) {
  // That is how a thread says that it cannot begin.
  if (error.code() == std::errc::resource_unavailable_try_again) {
    return {ErrorCode::outOfMemory,
            "There is no room for another thread: the system's or the container's limit of "
            "processes and threads is reached, or there is no memory left for one; raise the limit "
            "(ulimit -u), or end other processes"};
  }
  return {ErrorCode::invalidArgument, error.what()};
}

}  // namespace

Napi::Value toJavaScript(Napi::Env env, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return errorObject(env, error);
  } catch (const Cancelled&) {
    return errorObject(env, "CANCELLED", "cancelled");
  } catch (const Napi::Error& error) {
    return error.Value();
  } catch (const std::bad_alloc&) {
    return errorObject(env, Error(ErrorCode::outOfMemory, "There is not enough memory for this"));
  } catch (const std::system_error& error) {
    return errorObject(env, ofSystem(error));
  } catch (const std::exception& error) {
    return errorObject(env, Error(ErrorCode::invalidArgument, error.what()));
  }
}

}  // namespace thalweg::binding
