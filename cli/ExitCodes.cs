namespace Monitoring.Cli;

/// <summary>Exit codes; scripts go by them.</summary>
internal static class ExitCodes
{
    internal const int Done = 0;

    /// <summary>The collector does not do it, or a capture that was waited for did not succeed.</summary>
    internal const int Refused = 1;

    /// <summary>There is no such capture, group or schedule.</summary>
    internal const int Unknown = 2;

    /// <summary>The collector does not answer.</summary>
    internal const int Unreachable = 3;

    /// <summary>What was waited for was not over in time.</summary>
    internal const int TimedOut = 4;

    /// <summary>EX_USAGE of sysexits.h: the command line cannot be read.</summary>
    internal const int WrongUsage = 64;
}
