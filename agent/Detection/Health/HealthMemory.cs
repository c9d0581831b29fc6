using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Health;

/// <summary>What is known of health, as the journal keeps it.</summary>
/// <param name="BootId">The boot in which it was kept.</param>
/// <param name="SavedAt">When, by the wall clock: time passes for reasons while the agent does not run.</param>
/// <param name="LastEvent">The newest event that was taken.</param>
/// <param name="Energies">Energy counters, by which a reset is noticed.</param>
internal sealed record HealthMemory(string BootId, DateTimeOffset SavedAt, string LastEvent, IReadOnlyList<RememberedReason> Reasons, IReadOnlyList<EnergyMark> Energies)
{
    internal static JsonElement Save(HealthLedger ledger, ResetWatch resets, string bootId, string lastEvent, TimeProvider time) => JsonSerializer.SerializeToElement(
        new HealthMemory(bootId, time.GetUtcNow(), lastEvent,
        [
            .. from subject in ledger.Subjects
               from entry in subject.All
               let held = entry.Value
               select new RememberedReason(entry.Key.Component, held.Reason, held.After.TotalSeconds, held.IsPastFact, held.EndsWithCondition, [.. held.OpenIncidents],
                   subject.Gpu?.Reference, subject.Gpu?.Model ?? "", held.Left(time)?.TotalSeconds),
        ], resets.Marks), HealthJson.Default.HealthMemory);

    /// <exception cref="JsonException">It is no memory of health.</exception>
    internal static HealthMemory Read(JsonElement state) => state.Deserialize(HealthJson.Default.HealthMemory) is { Reasons: not null } memory ? memory : throw new JsonException("it holds no reasons");

    /// <summary>Puts the reasons back; one whose time ran out meanwhile is left out.</summary>
    internal void Recall(HealthLedger ledger, TimeProvider time)
    {
        // A clock that went back makes nothing last longer.
        var passed = time.GetUtcNow() - SavedAt is var since && since > TimeSpan.Zero ? since : TimeSpan.Zero;
        foreach (var remembered in Reasons)
        {
            var held = new HeldReason(remembered.Reason, TimeSpan.FromSeconds(remembered.AfterSeconds), remembered.IsPastFact) { EndsWithCondition = remembered.EndsWithCondition };
            foreach (var incident in remembered.OpenIncidents) held.Open(incident);
            if (remembered.LeftSeconds is { } left)
            {
                if (TimeSpan.FromSeconds(left) <= passed) continue;
                held.ClearAfter(TimeSpan.FromSeconds(left) - passed, time);
            }
            var subject = ledger.Of(remembered.Gpu);
            if (subject.Gpu is { Model: "" } gpu) subject.Gpu = gpu with { Model = remembered.Model };
            if (subject.Find(remembered.Component, held.Reason.Cause) is null) subject.Add(remembered.Component, held);
        }
    }
}

/// <summary>A reason as the journal keeps it.</summary>
/// <param name="AfterSeconds">How long it must be quiet.</param>
/// <param name="Gpu">The GPU; null for the node.</param>
/// <param name="LeftSeconds">How much of its time was left; null where none runs.</param>
internal sealed record RememberedReason(
    string Component, HealthReason Reason, double AfterSeconds, bool IsPastFact, bool EndsWithCondition, IReadOnlyList<string> OpenIncidents,
    GpuReference? Gpu = null, string Model = "", double? LeftSeconds = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(HealthMemory))]
internal sealed partial class HealthJson : JsonSerializerContext;
