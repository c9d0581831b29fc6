namespace Monitoring.Simulator; internal static class Program { internal static int Main() => 0; }
