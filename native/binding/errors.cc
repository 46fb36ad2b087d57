#include "errors.h"

#include <new>
#include <string>

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
  } catch (const std::exception& error) {
    return errorObject(env, Error(ErrorCode::invalidArgument, error.what()));
  }
}

}  // namespace thalweg::binding
