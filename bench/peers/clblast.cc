// CLBlast's side: batch descent as two gemv on an OpenCL device, found by its name. Compiled by the
// harness.
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <clblast.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "lines.h"

namespace {

using Clock = std::chrono::steady_clock;

void check(cl_int status, const char* call) {
  if (status != CL_SUCCESS)
    throw std::runtime_error(std::string(call) + ": " + std::to_string(status));
}

void check(clblast::StatusCode status) { check(static_cast<cl_int>(status), "clblast::Gemv"); }

cl_device_id deviceNamed(const std::string& name) {
  cl_uint count = 0;
  check(clGetPlatformIDs(0, nullptr, &count), "clGetPlatformIDs");
  std::vector<cl_platform_id> platforms(count);
  check(clGetPlatformIDs(count, platforms.data(), nullptr), "clGetPlatformIDs");
  for (cl_platform_id platform : platforms) {
    if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &count) != CL_SUCCESS) continue;
    std::vector<cl_device_id> devices(count);
    check(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, devices.data(), nullptr),
          "clGetDeviceIDs");
    for (cl_device_id device : devices) {
      char text[1024] = {};
      check(clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof text - 1, text, nullptr),
            "clGetDeviceInfo");
      if (name == text) return device;
    }
  }
  throw std::runtime_error("there is no OpenCL device " + name);
}

/// Everything is released with the process.
class Descent {
 public:
  explicit Descent(const std::string& name) {
    cl_int status = CL_SUCCESS;
    cl_device_id device = deviceNamed(name);
    context_ = clCreateContext(nullptr, 1, &device, nullptr, nullptr, &status);
    check(status, "clCreateContext");
    queue_ = clCreateCommandQueue(context_, device, 0, &status);
    check(status, "clCreateCommandQueue");
  }

  void load(const std::string& line) {
    if (bench::field(line, "dtype") != "float32") throw std::runtime_error("float32 alone");
    rows_ = bench::size(line, "rows");
    columns_ = bench::size(line, "columns");
    for (cl_mem buffer : {X_, y_, residuals_, theta_}) {
      if (buffer != nullptr) clReleaseMemObject(buffer);
    }
    X_ = buffer(rows_ * columns_);
    y_ = buffer(rows_);
    residuals_ = buffer(rows_);
    theta_ = buffer(columns_);
    fill(X_, bench::field(line, "X"), rows_ * columns_);
    fill(y_, bench::field(line, "y"), rows_);
  }

  /// θ ← θ − s·Xᵀ(Xθ − y): the subtraction of y and the step are part of the two products.
  double descend(std::size_t iterations, double learningRate) {
    const std::vector<float> zeros(columns_);
    write(theta_, 0, zeros);
    check(clFinish(queue_), "clFinish");
    const auto scale = static_cast<float>(2 * learningRate / static_cast<double>(rows_));
    const Clock::time_point start = Clock::now();
    for (std::size_t i = 0; i < iterations; ++i) {
      check(clEnqueueCopyBuffer(queue_, y_, residuals_, 0, 0, rows_ * sizeof(float), 0, nullptr,
                                nullptr),
            "clEnqueueCopyBuffer");
      check(clblast::Gemv<float>(clblast::Layout::kRowMajor, clblast::Transpose::kNo, rows_,
                                 columns_, 1.0F, X_, 0, columns_, theta_, 0, 1, -1.0F, residuals_,
                                 0, 1, &queue_));
      check(clblast::Gemv<float>(clblast::Layout::kRowMajor, clblast::Transpose::kYes, rows_,
                                 columns_, -scale, X_, 0, columns_, residuals_, 0, 1, 1.0F, theta_,
                                 0, 1, &queue_));
    }
    check(clFinish(queue_), "clFinish");
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  std::vector<float> theta() {
    std::vector<float> values(columns_);
    check(clEnqueueReadBuffer(queue_, theta_, CL_TRUE, 0, columns_ * sizeof(float), values.data(),
                              0, nullptr, nullptr),
          "clEnqueueReadBuffer");
    return values;
  }

 private:
  cl_mem buffer(std::size_t count) {
    cl_int status = CL_SUCCESS;
    cl_mem made =
        clCreateBuffer(context_, CL_MEM_READ_WRITE, count * sizeof(float), nullptr, &status);
    check(status, "clCreateBuffer");
    return made;
  }

  void write(cl_mem to, std::size_t first, const std::vector<float>& values) {
    check(clEnqueueWriteBuffer(queue_, to, CL_TRUE, first * sizeof(float),
                               values.size() * sizeof(float), values.data(), 0, nullptr, nullptr),
          "clEnqueueWriteBuffer");
  }

  void fill(cl_mem to, const std::string& file, std::size_t count) {
    std::vector<float> values(count);
    bench::readFile(file, values.data(), count * sizeof(float));
    write(to, 0, values);
  }

  cl_context context_ = nullptr;
  cl_command_queue queue_ = nullptr;
  cl_mem X_ = nullptr;
  cl_mem y_ = nullptr;
  cl_mem residuals_ = nullptr;
  cl_mem theta_ = nullptr;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
};

void serve(const std::string& name) {
  Descent descent(name);
  for (std::string line; std::getline(std::cin, line);) {
    const std::string what = bench::field(line, "do");
    if (what == "load") {
      descent.load(line);
      std::printf("{}\n");
    } else if (what == "about") {
      std::printf("{}\n");
    } else {
      const double seconds = descent.descend(bench::size(line, "iterations"),
                                             std::stod(bench::field(line, "learningRate")));
      std::printf("{\"seconds\":%.9g,\"theta\":[", seconds);
      const char* comma = "";
      for (const float value : descent.theta()) {
        std::printf("%s%.9g", comma, static_cast<double>(value));
        comma = ",";
      }
      std::printf("]}\n");
    }
    std::fflush(stdout);
  }
}

}  // namespace

int main(int count, char** arguments) {
  try {
    serve(count > 1 ? arguments[1] : "");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
