using System.Reflection;
using BenchmarkDotNet.Running;

// dotnet run -c Release --project benchmarks -- --filter '*Prometheus*'
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
