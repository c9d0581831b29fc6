using System.Globalization;

namespace Monitoring.Agent.Doctor;

/// <summary>The collector: reachable from here, and with the same idea of the time.</summary>
internal sealed class CollectorCheck : IDoctorCheck
{
    // Date has whole seconds; beyond this, events of two nodes stand in the wrong order.
    private static readonly TimeSpan SkewAtMost = TimeSpan.FromSeconds(3);

    public string Name => "collector";

    public async Task<IReadOnlyList<Finding>> LookAsync(DoctorNode node, CancellationToken stop)
    {
        if (node.Settings.Collector.Endpoint is not { } endpoint) return [Finding.Information("none is set (collector.endpoint): metrics and events stay on the node, for Prometheus to scrape")];
        var health = new Uri(endpoint, "/healthz");
        try
        {
            using var answer = await node.Http.GetAsync(health, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
            List<Finding> findings =
            [
                answer.IsSuccessStatusCode ? Finding.Ok($"{endpoint} answers")
                    : Finding.Warning($"{health} answers {(int)answer.StatusCode}: it is no gpu-collector, or one in trouble", "look at its log; any other OTLP receiver need not answer there"),
            ];
            if (answer.Headers.Date is { } date)
            {
                var skew = (node.Time.GetUtcNow() - date).Duration();
                findings.Add(skew > SkewAtMost
                    ? Finding.Warning(string.Create(CultureInfo.InvariantCulture, $"its clock and this node's are {skew.TotalSeconds:0} s apart"), "synchronise both (chronyc tracking, timedatectl)")
                    : Finding.Ok($"its clock and this node's agree within {SkewAtMost.TotalSeconds:0} s"));
            }
            return findings;
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException && !stop.IsCancellationRequested)
        {
            var why = fault is OperationCanceledException ? "no answer in time" : fault.Message;
            return [Finding.Failure($"{endpoint} cannot be reached: {why}", "is the collector running, does its name resolve (getent hosts), and does it listen beyond loopback? Until then events wait in the journal")];
        }
    }
}
