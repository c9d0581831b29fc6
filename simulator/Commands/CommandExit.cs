using System.CommandLine;
using Monitoring.Contracts.Recordings;
using Monitoring.Simulator.Control;
using Monitoring.Simulator.NodeProfiles;

namespace Monitoring.Simulator.Commands;

/// <summary>Exit codes, and how errors reach the person at the terminal.</summary>
internal static class CommandExit
{
    public const int Success = 0;
    public const int Failure = 1;

    /// <summary>EX_CONFIG of sysexits.h: what the person gave is wrong.</summary>
    public const int WrongInput = 78;

    /// <summary>Runs a command; errors that a person can put right become lines on standard error.</summary>
    public static async Task<int> OfAsync(ParseResult result, Func<Task<int>> command)
    {
        var errors = result.InvocationConfiguration.Error;
        try
        {
            return await command().ConfigureAwait(false);
        }
        catch (ProfileException exception)
        {
            foreach (var line in exception.Errors) await errors.WriteLineAsync(line).ConfigureAwait(false);
            return WrongInput;
        }
        catch (RecordingException exception)
        {
            await errors.WriteLineAsync($"the recording {exception.Message}").ConfigureAwait(false);
            return WrongInput;
        }
        catch (Exception exception) when (exception is ControlException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            await errors.WriteLineAsync(exception.Message).ConfigureAwait(false);
            return exception is ArgumentException ? WrongInput : Failure;
        }
    }
}
