using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Agent.Detection.Health;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Exposition.Api;

/// <summary>The local API as JSON: snake_case names, enums as words, nothing for null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(NodeHealth))]
[JsonSerializable(typeof(RuleList))]
[JsonSerializable(typeof(EventList))]
[JsonSerializable(typeof(GpuList))]
[JsonSerializable(typeof(ClearRequest))]
[JsonSerializable(typeof(ClearAnswer))]
[JsonSerializable(typeof(CaptureList))]
[JsonSerializable(typeof(CaptureEntry))]
[JsonSerializable(typeof(CaptureWish))]
[JsonSerializable(typeof(CaptureAsked))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(ApiError))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>As <see cref="Default"/>, with quotation marks and letters of every language as they are: people read it in a terminal, no browser as HTML.</summary>
    internal static ApiJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>Why a request was refused.</summary>
/// <param name="Error">What is wrong, the value found, and the remedy.</param>
internal sealed record ApiError(string Error);

/// <summary>Where every instance of every rule stands.</summary>
internal sealed record RuleList(IReadOnlyList<RuleInstance> Rules);

/// <summary>Where an instance of a rule stands.</summary>
/// <param name="Gpu">Index of the GPU; null for the node, and for a GPU of which only its PCI address is known.</param>
/// <param name="PciBusId">PCI address of the GPU; empty for the node.</param>
/// <param name="Instance">Values of the labels that tell instances apart; empty for none.</param>
/// <param name="State"><c>armed</c>, <c>pending</c>, <c>firing</c>, <c>clearing</c> or <c>no_data</c>.</param>
/// <param name="Since">When it came to stand there.</param>
/// <param name="IsShadow">True for a rule that counts and does nothing else.</param>
/// <param name="IsLimited">True while a limit keeps it from acting.</param>
/// <param name="Fired">Times that it fired.</param>
/// <param name="Suppressed">Times that a limit kept it from acting.</param>
/// <param name="Why">What it saw last; says why it does not fire.</param>
internal sealed record RuleInstance(
    string Rule, int? Gpu, string Uuid, string PciBusId, string Instance, string State, DateTimeOffset Since, bool IsShadow, bool IsLimited, long Fired, long Suppressed, string Why);

/// <summary>The newest events, oldest first.</summary>
internal sealed record EventList(IReadOnlyList<EventRecord> Events);

/// <summary>The GPUs that are read.</summary>
/// <param name="Trouble">Why there are none; null where there are.</param>
internal sealed record GpuList(string DriverVersion, string CudaVersion, string? Trouble, IReadOnlyList<GpuState> Gpus);

/// <summary>A GPU with its newest fast readings.</summary>
/// <param name="DataAgeSeconds">Age of the readings; null where there are none.</param>
/// <param name="Readings">Values by series as Prometheus writes them, in base units; empty where they are no longer fresh.</param>
internal sealed record GpuState(
    int Index, string Uuid, string Model, string Architecture, string Serial, string PciBusId, string Vbios, int MigInstances, double? DataAgeSeconds,
    IReadOnlyDictionary<string, double> Readings);

/// <summary>What became of a wish to clear reasons.</summary>
/// <param name="Cleared">Causes that are gone.</param>
/// <param name="Kept">Causes whose condition still holds: they go when it ends.</param>
/// <param name="EventId">The event that tells of it; null where there was nothing to clear.</param>
internal sealed record ClearAnswer(IReadOnlyList<string> Cleared, IReadOnlyList<string> Kept, string? EventId);
