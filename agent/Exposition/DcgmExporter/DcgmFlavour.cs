using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Exposition.DcgmExporter;

/// <summary>What differs from one release of dcgm-exporter to another: the face of each field and the names of two labels.</summary>
/// <param name="Title">The releases, for people.</param>
/// <param name="HostLabel">Label with the name of the node.</param>
/// <param name="DriverLabel">Label with the version of the driver.</param>
/// <param name="FaceOf">How the flavour shows a field; null where it does not.</param>
/// <param name="KindOf">Type of the field.</param>
internal sealed record DcgmFlavour(string Title, string HostLabel, string DriverLabel, Func<DcgmField, DcgmFace?> FaceOf, Func<DcgmField, MetricKind> KindOf)
{
    internal static readonly DcgmFlavour Until482 = new("up to 4.8.2", "Hostname", "DCGM_FI_DRIVER_VERSION", static field => field.Until48, static field => field.Kind);

    internal static readonly DcgmFlavour From483 = Until482 with
    {
        Title = "4.8.3 and 4.8.4",
        HostLabel = "hostname",
        KindOf = static field => field.IsGaugeFrom483 ? MetricKind.Gauge : field.Kind,
    };

    internal static readonly DcgmFlavour From49 = From483 with { Title = "4.9.0", DriverLabel = "DCGM_FI_SYSTEM_DRIVER_VERSION", FaceOf = static field => field.From49 };

    /// <summary>The flavour that a setting asks for.</summary>
    internal static DcgmFlavour Of(Compatibility compatibility) => compatibility switch
    {
        Compatibility.DcgmExporter => Until482,
        Compatibility.DcgmExporter483 => From483,
        Compatibility.DcgmExporter49 => From49,
        _ => throw new ArgumentOutOfRangeException(nameof(compatibility), compatibility, "No page is asked for."),
    };

    /// <summary>What it shows, by the fields' numbers, as dcgm-exporter orders its page.</summary>
    internal IReadOnlyList<(DcgmField Field, DcgmFace Face)> Shown() =>
        [.. DcgmFields.All.Select(field => (Field: field, Face: FaceOf(field)!)).Where(static shown => shown.Face is not null).OrderBy(static shown => shown.Face.Id)];
}
