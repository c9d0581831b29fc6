using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Monitoring.Agent.Doctor;

/// <summary>What every check found.</summary>
internal sealed record DoctorReport(string Node, string User, int Failures, int Warnings, IReadOnlyList<CheckedPart> Checks)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Runs every check; one that hangs or breaks is a finding of its own.</summary>
    internal static async Task<DoctorReport> MakeAsync(DoctorNode node, IReadOnlyList<IDoctorCheck> checks, CancellationToken stop)
    {
        List<CheckedPart> parts = [];
        foreach (var check in checks) parts.Add(new CheckedPart(check.Name, await LookAsync(check, node, stop).ConfigureAwait(false)));
        var all = parts.SelectMany(static part => part.Findings).ToArray();
        return new DoctorReport(node.Settings.NodeName, node.User, all.Count(static finding => finding.Outcome == Outcome.Failure), all.Count(static finding => finding.Outcome == Outcome.Warning), parts);
    }

    internal string Json() => JsonSerializer.Serialize(this, DoctorJson.Readable.DoctorReport);

    /// <summary>The report for a person: a line for each finding, its fix below.</summary>
    internal string Text()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"node {Node}, seen by {User}\n\n");
        foreach (var part in Checks)
            foreach (var finding in part.Findings)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Mark(finding.Outcome),-9}{part.Name}: {finding.Saw}\n");
                if (finding.Fix.Length > 0) text.Append(CultureInfo.InvariantCulture, $"{"",-9}  {(finding.Outcome >= Outcome.Warning ? "fix" : "hint")}: {finding.Fix}\n");
            }
        text.Append('\n').Append((Failures, Warnings) switch
        {
            (0, 0) => "all is well",
            (0, _) => $"nothing is broken; {Count(Warnings, "warning")}",
            _ => $"{Count(Failures, "failure")}, {Count(Warnings, "warning")}",
        }).Append('\n');
        return text.ToString();
    }

    private static async Task<IReadOnlyList<Finding>> LookAsync(IDoctorCheck check, DoctorNode node, CancellationToken stop)
    {
        try
        {
            // A file of a hung file system or driver holds whoever opens it.
            return await Task.Run(() => check.LookAsync(node, stop), stop).WaitAsync(Patience, node.Time, stop).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return [Finding.Failure($"the check did not come back within {Patience.TotalSeconds} s", "something that it reads hangs: look for processes in state D (ps axo pid,stat,wchan,comm) and at the kernel log")];
        }
        catch (Exception fault) when (!stop.IsCancellationRequested)
        {
            return [Finding.Failure($"the check itself failed: {fault.GetType().Name}: {fault.Message}", "a fault of gpu-agent: report it with this line")];
        }
    }

    private static string Mark(Outcome outcome) => outcome switch
    {
        Outcome.Ok => "ok",
        Outcome.Warning => "warning",
        Outcome.Failure => "FAILURE",
        _ => "-",
    };

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}

/// <summary>What one check found.</summary>
internal sealed record CheckedPart(string Name, IReadOnlyList<Finding> Findings);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext
{
    /// <summary>With quotation marks and letters as they are, for people.</summary>
    internal static DoctorJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
