namespace Monitoring.Agent.Commands;

/// <summary>Exit codes of the commands.</summary>
internal static class CommandExit
{
    internal const int Success = 0;
    internal const int Failure = 1;

    /// <summary>EX_CONFIG of sysexits.h: what the person gave is wrong; the unit file does not restart after it.</summary>
    internal const int WrongInput = Configuration.IsWrong;
}
