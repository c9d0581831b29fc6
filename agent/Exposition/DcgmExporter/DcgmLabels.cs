using System.Buffers;
using System.Globalization;
using System.Text;
using Monitoring.Agent.Devices;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Xid;

namespace Monitoring.Agent.Exposition.DcgmExporter;

/// <summary>
/// The labels of dcgm-exporter's lines as bytes of the page, in its order: who the GPU is, the node, the driver, then by the alphabet what is
/// known of the job. The XID's stand among the latter.
/// </summary>
internal sealed class DcgmLabels
{
    private const string Kubernetes = "kubernetes";
    private static readonly SearchValues<char> Special = SearchValues.Create("\\\"\n");

    private readonly DcgmFlavour flavour;
    private readonly string start;
    private string driver = "";
    private JobReference? job;
    private int? xid;
    private byte[] common = [];
    private byte[] ofXid = [];

    /// <param name="gpu">The GPU.</param>
    /// <param name="mig">The MIG instance; null for the GPU.</param>
    /// <param name="host">Name of the node.</param>
    internal DcgmLabels(DcgmFlavour flavour, GpuIdentity gpu, MigIdentity? mig, string host)
    {
        this.flavour = flavour;
        var index = gpu.Index.ToString(CultureInfo.InvariantCulture);
        var text = new StringBuilder("{");
        Add(text, "gpu", index);
        Add(text, "UUID", gpu.Uuid);
        Add(text, "pci_bus_id", gpu.PciBusId);
        Add(text, "device", "nvidia" + index);
        Add(text, "modelName", gpu.Model);
        if (mig is not null)
        {
            Add(text, "GPU_I_PROFILE", ProfileOf(mig));
            Add(text, "GPU_I_ID", mig.GpuInstance.ToString(CultureInfo.InvariantCulture));
        }
        Add(text, flavour.HostLabel, host);
        start = text.ToString();
    }

    /// <summary>Labels of every line but the XID's, braces included.</summary>
    internal ReadOnlySpan<byte> Common => common;

    /// <summary>Labels of the XID's line.</summary>
    internal ReadOnlySpan<byte> OfXid => ofXid;

    /// <summary>Makes them anew where something has changed.</summary>
    internal void Follow(string driverNow, JobReference? jobNow, int? xidNow)
    {
        var isSame = driverNow == driver && ReferenceEquals(jobNow, job) && common.Length > 0;
        if (isSame && xidNow == xid) return;
        (driver, job, xid) = (driverNow, jobNow, xidNow);
        if (!isSame) common = Made(withXid: false);
        ofXid = Made(withXid: true);
    }

    private byte[] Made(bool withXid)
    {
        var text = new StringBuilder(start);
        if (driver.Length > 0) Add(text, flavour.DriverLabel, driver);
        var isPod = job is { Scheduler: Kubernetes };
        if (isPod) Add(text, "container", job!.Container);
        if (withXid)
        {
            Add(text, "err_code", (xid ?? 0).ToString(CultureInfo.InvariantCulture));
            Add(text, "err_msg", xid is { } code ? MessageOf(code) : "none");
        }
        if (isPod)
        {
            Add(text, "namespace", job!.Namespace);
            Add(text, "pod", job.Pod);
        }
        else if (job is not null) Add(text, "hpc_job", job.Id);
        return Encoding.UTF8.GetBytes(text.Append("} ").ToString());
    }

    private static string MessageOf(int code) => XidCatalogue.Describe(code) is { Mnemonic.Length: > 0 } known ? known.Mnemonic : "unknown";

    /// <summary>DCGM tells of GPU instances: a compute instance in a part of one has its name in front.</summary>
    private static string ProfileOf(MigIdentity mig) => mig.Profile[(mig.Profile.IndexOf("c.", StringComparison.Ordinal) is var end and >= 0 ? end + 2 : 0)..];

    private static void Add(StringBuilder text, string name, string value)
    {
        if (text.Length > 1) text.Append(',');
        text.Append(name).Append("=\"");
        if (value.AsSpan().ContainsAny(Special)) value = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        text.Append(value).Append('"');
    }
}
