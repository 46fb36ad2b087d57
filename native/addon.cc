#include "binding/module.h"

namespace {
using thalweg::binding::Module;
}

NODE_API_ADDON(Module)
