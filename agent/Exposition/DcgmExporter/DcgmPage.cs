using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Exposition.DcgmExporter;

/// <summary>What the page is made of.</summary>
/// <param name="Host">Name of the node.</param>
/// <param name="Driver">Version of the driver; empty without one.</param>
/// <param name="Gpus">Adds the sets of each GPU that is read: its own first, then those of its MIG instances.</param>
/// <param name="JobOf">The job of a GPU, by its UUID; the same object for as long as it is the same job.</param>
/// <param name="LastXid">The last XID of a GPU, by its UUID; null for none.</param>
internal sealed record DcgmReadings(string Host, Func<string> Driver, Action<List<SampledSet[]>> Gpus, Func<string, JobReference?> JobOf, Func<string, int?> LastXid);

/// <summary>
/// dcgm-exporter's page in Prometheus' text format 0.0.4, out of what sampling read last. It never calls the driver; what is not fresh or
/// not there has no line, and a field without a line no heading.
/// </summary>
internal sealed class DcgmPage
{
    /// <summary>Longest number: a double without its exponent, and six decimals.</summary>
    private const int NumberLength = 320;

    private readonly DcgmFlavour flavour;
    private readonly DcgmReadings readings;
    private readonly Freshness freshness;
    private readonly TimeProvider time;
    private readonly IReadOnlyList<(DcgmField Field, DcgmFace Face)> shown;
    private readonly byte[][] headings;
    private readonly byte[][] names;
    private readonly ConditionalWeakTable<SampledSet, DcgmLine> known = [];
    private readonly Lock gate = new(); // guards what follows, and the rates behind the lines
    private readonly List<SampledSet[]> gpus = [];
    private readonly List<DcgmLine> lines = [];

    internal DcgmPage(DcgmFlavour flavour, DcgmReadings readings, Freshness freshness, TimeProvider time)
    {
        (this.flavour, this.readings, this.freshness, this.time) = (flavour, readings, freshness, time);
        shown = flavour.Shown();
        headings = [.. shown.Select(one => Encoding.UTF8.GetBytes($"# HELP {one.Face.Name} {one.Face.HelpOf(one.Field)}\n# TYPE {one.Face.Name} {(flavour.KindOf(one.Field) == MetricKind.Counter ? "counter" : "gauge")}\n"))];
        names = [.. shown.Select(static one => Encoding.UTF8.GetBytes(one.Face.Name))];
    }

    /// <summary>Writes the page as it is now. Any thread may ask.</summary>
    internal void Write(IBufferWriter<byte> into)
    {
        lock (gate)
        {
            Gather();
            for (var field = 0; field < shown.Count; field++) Write(into, field);
        }
    }

    private void Write(IBufferWriter<byte> into, int field)
    {
        Span<byte> number = stackalloc byte[NumberLength];
        var face = shown[field].Face;
        var isXid = shown[field].Field.Source is XidSource;
        var isHeaded = false;
        foreach (var line in lines)
        {
            var value = line.Value(field);
            if (!double.IsFinite(value)) continue;
            if (!isHeaded) into.Write(headings[field]);
            isHeaded = true;
            into.Write(names[field]);
            into.Write(isXid ? line.Labels.OfXid : line.Labels.Common);
            into.Write(number[..Format(value * face.Scale, face.Number, number)]);
            into.Write("\n"u8);
        }
    }

    private static int Format(double value, DcgmNumber number, Span<byte> into)
    {
        var whole = number switch
        {
            DcgmNumber.Rounded => Math.Round(value),
            DcgmNumber.Truncated => Math.Truncate(value),
            _ => value,
        };
        whole.TryFormat(into, out var length, number == DcgmNumber.Decimal ? "F6" : "F0", CultureInfo.InvariantCulture);
        return length;
    }

    private void Gather()
    {
        gpus.Clear();
        lines.Clear();
        readings.Gpus(gpus);
        var driver = readings.Driver();
        foreach (var sets in gpus)
        {
            var gpu = sets[0];
            var uuid = gpu.Series.Gpu.Identity.Uuid;
            var xid = readings.LastXid(uuid);
            if (sets.Length == 1)
            {
                Add(gpu, gpu, driver, readings.JobOf(uuid), xid);
                continue;
            }
            // A GPU that is divided has no line itself, and one for each GPU instance, however many compute instances share it. Whose the
            // job is that is known of the GPU, nobody can tell.
            for (var i = 1; i < sets.Length; i++)
                if (IsFirst(sets, i)) Add(gpu, sets[i], driver, job: null, xid);
        }
    }

    private void Add(SampledSet gpu, SampledSet own, string driver, JobReference? job, int? xid)
    {
        if (!known.TryGetValue(own, out var line) || !line.IsOf(gpu)) known.AddOrUpdate(own, line = NewLine(gpu, own));
        line.Labels.Follow(driver, job, xid);
        lines.Add(line);
    }

    private DcgmLine NewLine(SampledSet gpu, SampledSet own)
    {
        var identity = gpu.Series.Gpu.Identity;
        return new DcgmLine(shown, new DcgmLabels(flavour, identity, own.Series.Mig, readings.Host), new DcgmBinding(gpu, own, freshness, () => readings.LastXid(identity.Uuid), time));
    }

    private static bool IsFirst(SampledSet[] sets, int place)
    {
        for (var i = 1; i < place; i++)
            if (sets[i].Series.Mig!.GpuInstance == sets[place].Series.Mig!.GpuInstance) return false;
        return true;
    }
}
