namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>The units of Grafana that the dashboards use; a test holds them to Grafana's own list.</summary>
internal static class Units
{
    internal const string None = "none";
    internal const string Count = "short";
    internal const string Text = "string";
    internal const string Ratio = "percentunit";
    internal const string Bytes = "bytes";
    internal const string BytesPerSecond = "binBps";
    internal const string Watts = "watt";
    internal const string Joules = "joule";
    internal const string Celsius = "celsius";
    internal const string Hertz = "hertz";
    internal const string Seconds = "s";
    internal const string PerSecond = "cps";
    internal const string FromNow = "dateTimeFromNow";
}
