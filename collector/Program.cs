namespace Monitoring.Collector; internal static class Program { internal static int Main() => 0; }
