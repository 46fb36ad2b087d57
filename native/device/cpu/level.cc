namespace thalweg::cpu {
namespace THALWEG_CPU_LEVEL {

double multiplyAdd(double a, double b, double c);

double multiplyAdd(double a, double b, double c) { return a * b + c; }

}  // namespace THALWEG_CPU_LEVEL
}  // namespace thalweg::cpu
