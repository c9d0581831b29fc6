using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>The state of captures as it lies on disk.</summary>
/// <param name="Queue">What waits, in its order.</param>
/// <param name="InFlight">What was begun and has no end yet.</param>
/// <param name="Known">The newest word about each capture that is remembered, oldest first.</param>
/// <param name="Stamps">When each rule or alert was last accepted for a GPU.</param>
/// <param name="Taken">When captures that count against the hour's budget were accepted.</param>
/// <param name="Charges">What captures that were not begun yet took of cooldown and budget; null in what older agents wrote.</param>
internal sealed record CaptureLedger(
    IReadOnlyList<CaptureRequest> Queue, IReadOnlyList<InFlightCapture> InFlight, IReadOnlyList<KnownCapture> Known,
    IReadOnlyDictionary<string, DateTimeOffset> Stamps, IReadOnlyList<DateTimeOffset> Taken,
    IReadOnlyDictionary<string, CaptureCharge>? Charges = null)
{
    internal const string FileName = "ledger.json";

    internal static CaptureLedger Empty { get; } = new([], [], [], new Dictionary<string, DateTimeOffset>(), []);

    internal byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, CaptureLedgerJson.Default.CaptureLedger);

    /// <summary>Reads what <see cref="Write"/> gave.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    internal static CaptureLedger Read(ReadOnlySpan<byte> bytes)
    {
        var ledger = JsonSerializer.Deserialize(bytes, CaptureLedgerJson.Default.CaptureLedger) ?? throw new JsonException("null is no ledger");
        // The reader minds absent properties, not absent elements of lists.
        return ledger.Queue.All(static item => item is not null) && ledger.InFlight.All(static item => item is not null) && ledger.Known.All(static item => item is not null)
            ? ledger : throw new JsonException("a list has an element that is null");
    }
}

/// <summary>What an accepted capture took of cooldown and budget, for giving it back where nothing is begun.</summary>
/// <param name="At">When it was accepted: the value of its stamps, and its entry of the hour.</param>
/// <param name="Before">Its keys with the stamps that they had before; null for none.</param>
/// <param name="Counts">True where it counts against the hour's budget.</param>
internal sealed record CaptureCharge(DateTimeOffset At, IReadOnlyDictionary<string, DateTimeOffset?> Before, bool Counts);

/// <summary>A capture that was begun.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Recorded">What was recorded; null until recording ended.</param>
internal sealed record InFlightCapture(CaptureRequest Request, RecordedCapture? Recorded = null);

/// <summary>A capture that is remembered.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Progress">The newest word about it.</param>
/// <param name="Bundle">Its bundle on this node; null where there is none (any more).</param>
/// <param name="Results">What became of each profiler; null until it is over.</param>
internal sealed record KnownCapture(CaptureRequest Request, CaptureProgress Progress, StoredBundle? Bundle = null, IReadOnlyDictionary<string, string>? Results = null);

/// <summary>A complete bundle on this node.</summary>
/// <param name="State">Who has it besides.</param>
/// <param name="Result">What the capture came to.</param>
/// <param name="Words">The same for a person.</param>
internal sealed record StoredBundle(BundleState State, CaptureStage Result, string Words, DateTimeOffset FinishedAt, long SizeBytes);

/// <summary>Who has a bundle besides this node.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BundleState>))]
internal enum BundleState
{
    /// <summary>Nobody else is to get it.</summary>
    [JsonStringEnumMemberName("local")] Local,

    /// <summary>It is to be sent.</summary>
    [JsonStringEnumMemberName("waiting")] Waiting,

    /// <summary>The collector has it too.</summary>
    [JsonStringEnumMemberName("sent")] Sent,

    /// <summary>The collector does not take it.</summary>
    [JsonStringEnumMemberName("refused")] Refused,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CaptureLedger))]
internal sealed partial class CaptureLedgerJson : JsonSerializerContext;
