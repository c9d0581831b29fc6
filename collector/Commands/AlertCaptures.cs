using System.Globalization;
using Monitoring.Contracts.Captures;
using DurationText = Monitoring.Settings.Values.Duration;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Commands;

/// <summary>Makes captures of alerts: firing ones that ask for it, each once however often Alertmanager repeats it.</summary>
internal sealed class AlertCaptures(CaptureOrders orders, CommandHub hub, CommandSettings settings)
{
    private const string WishName = "capture";
    private const string DurationName = "capture_duration";
    private const string NameLabel = "alertname";
    private const string Firing = "firing";
    private const int LongestName = 128;
    private const int LongestReason = 1000;

    /// <summary>What is done about an alert.</summary>
    public AlertOutcome Handle(SentAlert? alert, string remote)
    {
        if (alert is null) return new AlertOutcome("", "", "invalid", [], "the alert is null");
        var name = Cut(Label(alert, [NameLabel]) ?? "unnamed", LongestName);
        var fingerprint = Cut(alert.Fingerprint ?? "", LongestName);
        AlertOutcome Done(string outcome, string words, params IReadOnlyList<string> captures) => new(name, fingerprint, outcome, captures, words);

        if (alert.Status != Firing) return Done("resolved", "only firing alerts lead to captures");
        if (!settings.Alertmanager.CaptureAll && !IsAsked(alert)) return Done("not_asked", $"neither a label nor an annotation {WishName} is \"true\", and commands.alertmanager.capture_all is off");
        if (fingerprint.Length == 0) return Done("invalid", "it has no fingerprint, by which a repeated alert is told from a new one");
        if (Node(alert) is not { } node) return Done("no_node", $"none of its labels {string.Join(", ", settings.Alertmanager.NodeLabels)} names a node: see commands.alertmanager.node_labels");
        var gpuText = Label(alert, settings.Alertmanager.GpuLabels);
        var uuid = Label(alert, settings.Alertmanager.UuidLabels);
        var gpu = -1;
        if (uuid is null && gpuText is not null && (!int.TryParse(gpuText, NumberStyles.None, CultureInfo.InvariantCulture, out gpu) || gpu > 1023))
            return Done("invalid", $"the GPU is '{ApiAnswer.Shown(gpuText)}', expected an index such as 0: see commands.alertmanager.gpu_labels");
        if (Duration(alert, out var seconds) is { } problem) return Done("invalid", problem);

        var reason = Cut(Annotation(alert, "summary") ?? Annotation(alert, "description") ?? name, LongestReason);
        var wish = new CaptureWish(
            EventId.Of(fingerprint, alert.StartsAt.UtcTicks.ToString(CultureInfo.InvariantCulture)), "", new CaptureTrigger(TriggerKinds.Alert, name, reason),
            [new CaptureTarget(node, gpu >= 0 ? [gpu] : [], uuid is null ? [] : [Cut(uuid, LongestName)])], seconds, name, remote)
        {
            Profilers = settings.Alertmanager.Profilers,
            // Alertmanager repeats itself while the alert fires: by then the node may be back, or the budget free.
            MayBeTriedAgain = true,
        };
        if (orders.Place(wish, out var isRepeated) is not { Captures: [var capture, ..] captures }) return Done("invalid", "its fingerprint is used by another kind of request");
        return capture.Refusal is { } ? Done("refused", $"{node}: {capture.Words}")
            : Done(isRepeated ? "repeated" : "captured", isRepeated ? $"the capture on {node} was asked for before" : $"{node} is asked", [.. captures.Select(static one => one.Id)]);
    }

    private static bool IsAsked(SentAlert alert) =>
        string.Equals(alert.Labels?.GetValueOrDefault(WishName) ?? alert.Annotations?.GetValueOrDefault(WishName), "true", StringComparison.OrdinalIgnoreCase);

    private static string? Label(SentAlert alert, IEnumerable<string> names) => names.Select(name => alert.Labels?.GetValueOrDefault(name)).FirstOrDefault(static value => value is { Length: > 0 });

    private static string? Annotation(SentAlert alert, string name) => alert.Annotations?.GetValueOrDefault(name) is { Length: > 0 } value ? value.ReplaceLineEndings(" ") : null;

    private static string Cut(string text, int longest) => text.Length <= longest ? text : text[..longest];

    /// <summary>
    /// The node as its agent calls itself: the label's value, without a port, in another case, or where one of the two is the full name of
    /// the other and no second node could be meant.
    /// </summary>
    private string? Node(SentAlert alert)
    {
        if (Label(alert, settings.Alertmanager.NodeLabels) is not { } value) return null;
        var host = Cut(value, LongestName);
        var colon = host.LastIndexOf(':');
        // A bare IPv6 address has colons and no port.
        if (colon > 0 && host.AsSpan(0, colon).IndexOf(':') < 0 && !host.AsSpan(colon + 1).ContainsAnyExceptInRange('0', '9')) host = host[..colon];
        var connected = hub.Connected;
        return connected.FirstOrDefault(node => node == host)
            ?? connected.FirstOrDefault(node => string.Equals(node, host, StringComparison.OrdinalIgnoreCase))
            ?? (connected.Where(node => IsFullName(node, host) || IsFullName(host, node)).Take(2).ToArray() is [var one] ? one : host);
    }

    private static bool IsFullName(string full, string name) => full.Length > name.Length && full[name.Length] == '.' && full.StartsWith(name, StringComparison.OrdinalIgnoreCase) && !System.Net.IPAddress.TryParse(full, out _);

    private string? Duration(SentAlert alert, out double seconds)
    {
        seconds = Math.Min(settings.Alertmanager.Duration.TotalSeconds, settings.MaxDuration.TotalSeconds);
        if (Annotation(alert, DurationName) is not { } text) return null;
        if (DurationText.TryParse(text, out var duration) && duration > TimeSpan.Zero && duration <= settings.MaxDuration)
        {
            seconds = duration.TotalSeconds;
            return null;
        }

        return $"annotation {DurationName} is '{ApiAnswer.Shown(text)}', expected a duration such as 10s, at most {settings.MaxDuration.TotalSeconds:0} s (commands.max_duration)";
    }
}
