namespace Monitoring.Agent; internal static class Program { internal static int Main() => 0; }
