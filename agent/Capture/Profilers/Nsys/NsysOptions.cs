using System.Text.RegularExpressions;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>The options that a help text of nsys lists: names changed between versions, and an unknown one is refused.</summary>
internal sealed partial class NsysOptions
{
    private readonly HashSet<string> names;

    private NsysOptions(HashSet<string> names) => this.names = names;

    /// <summary>How many there are; 0 where the text was no help text.</summary>
    internal int Count => names.Count;

    internal static NsysOptions Read(string help) => new([.. LongOption().Matches(help).Select(static match => match.Groups["name"].Value)]);

    internal bool Has(string name) => names.Contains(name);

    /// <summary>The option with a value, or nothing where this version does not have it.</summary>
    internal IEnumerable<string> IfKnown(string name, string value) => Has(name) ? [$"--{name}={value}"] : [];

    /// <summary>The option for GPU metrics, which became plural in a later version; null where there is none.</summary>
    internal string? GpuMetrics => new[] { "gpu-metrics-devices", "gpu-metrics-device" }.FirstOrDefault(Has);

    /// <summary>Only where a line begins with it: texts between them name options too.</summary>
    [GeneratedRegex(@"^[ \t]{1,20}(?:\([A-Za-z]+\) )?(?:-[A-Za-z0-9](?:,|\|) ?)?--(?<name>[a-z][a-z0-9-]{1,60})", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LongOption();
}
