using System.Text.Json.Serialization;

namespace Monitoring.Agent.Capture.Profilers.Ncu;

/// <summary>What <c>gpu-run --kernels</c> says of a report that it hands over.</summary>
/// <param name="Version">1.</param>
/// <param name="Profiler"><c>ncu</c>.</param>
/// <param name="Program">Name of the program that ran, without its arguments, which may hold secrets.</param>
/// <param name="User">Who ran it, as that user says.</param>
/// <param name="Job">The scheduler's id of the job; empty for none.</param>
/// <param name="ExitCode">The program's own.</param>
internal sealed record NcuRequest(int Version, string Profiler, string Program, string User, string Job, int ExitCode, DateTimeOffset StartedAt, DateTimeOffset FinishedAt);

/// <summary>Requests as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NcuRequest))]
internal sealed partial class NcuJson : JsonSerializerContext;
