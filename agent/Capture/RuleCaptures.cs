using System.Globalization;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Captures;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Capture;

/// <summary>The wish of a rule that fired as a request.</summary>
internal static class RuleCaptures
{
    // A profile of a moment that is gone explains nothing.
    private static readonly TimeSpan WantedFor = TimeSpan.FromMinutes(2);
    private const int ReasonAtMost = 500;

    /// <summary>The request; the same firing gives the same id.</summary>
    internal static CaptureRequest Of(RuleChange change, NodeIdentity identity, CaptureSettings settings, DateTimeOffset now)
    {
        var (rule, options) = (change.Rule, change.Rule.Capture);
        var subject = change.Gpu is { } gpu ? gpu.Uuid.Length > 0 ? gpu.Uuid : gpu.PciBusId : "";
        var id = EventId.Of("rule-capture", identity.BootId, identity.Node, rule.Name, subject, change.Instance, change.UnixMicroseconds.ToString(CultureInfo.InvariantCulture));
        var duration = options.Duration ?? settings.DefaultDuration;
        return new CaptureRequest
        {
            Id = id,
            Group = id,
            Trigger = new CaptureTrigger(TriggerKinds.Rule, rule.Name, change.Why.Length <= ReasonAtMost ? change.Why : change.Why[..ReasonAtMost], change.Event?.Id, change.Event?.Evidence.Values),
            Target = Target(change, identity.Node),
            Profilers = options.Profilers,
            DurationSeconds = (duration < settings.MaximumDuration ? duration : settings.MaximumDuration).TotalSeconds,
            RequestedAt = now,
            ExpiresAt = now + WantedFor,
            WantsControl = options.Control,
        };
    }

    private static CaptureTarget Target(RuleChange change, string node)
    {
        if (change.Gpu is { } gpu) return gpu.Index >= 0 ? new CaptureTarget(node, [gpu.Index]) : new CaptureTarget(node, Uuids: [gpu.Uuid]);
        // A rule over several GPUs names those on which it holds.
        var holders = change.Event?.Evidence.Details?.GetValueOrDefault("gpus") ?? "";
        return new CaptureTarget(node, [.. holders.Split(',').Select(static text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1).Where(static index => index >= 0)]);
    }
}
