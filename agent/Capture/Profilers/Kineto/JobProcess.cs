using System.Globalization;
using System.Text;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>What procfs tells of a job's process.</summary>
/// <param name="Uid">Its user, by our user namespace.</param>
/// <param name="OwnPid">Its number in its own process namespace.</param>
/// <param name="IsInOurNamespace">True where that is its number here too.</param>
/// <param name="Environment">Of the environment that it was started with, the variables that matter here.</param>
internal sealed record JobProcess(uint Uid, int OwnPid, bool IsInOurNamespace, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>Set, to anything, makes PyTorch look for the endpoint.</summary>
    internal const string UsesDaemon = "KINETO_USE_DAEMON";

    /// <summary>The folder to which the job lets traces go, instead of /tmp.</summary>
    internal const string TraceFolder = "KINETO_ONDEMAND_TRACE_DIR";

    internal const string SlurmJob = "SLURM_JOB_ID";

    // The kernel lets arguments and environment have 6 MiB (three quarters of _STK_LIM).
    private const int LongestEnvironment = 6 << 20;

    private static readonly string[] Wanted = [UsesDaemon, TraceFolder, SlurmJob];

    /// <summary>Reads it; null where the process is gone or may not be looked at.</summary>
    internal static JobProcess? Read(string procfs, long pid)
    {
        try
        {
            uint? uid = null;
            string[] numbers = [];
            foreach (var line in File.ReadLines($"{procfs}/{pid}/status"))
            {
                if (line.StartsWith("Uid:", StringComparison.Ordinal) && uint.TryParse(Words(line).FirstOrDefault(), CultureInfo.InvariantCulture, out var number)) uid = number;
                if (line.StartsWith("NSpid:", StringComparison.Ordinal)) numbers = Words(line);
            }
            if (uid is null || numbers.Length == 0 || !int.TryParse(numbers[^1], CultureInfo.InvariantCulture, out var own)) return null;
            return new JobProcess(uid.Value, own, numbers.Length == 1, Variables(ReadBounded($"{procfs}/{pid}/environ")));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string[] Words(string line) => line[(line.IndexOf(':') + 1)..].Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries);

    private static byte[] ReadBounded(string path)
    {
        using var file = File.OpenRead(path);
        using var bytes = new MemoryStream();
        var chunk = new byte[16 * 1024];
        while (bytes.Length < LongestEnvironment && file.Read(chunk) is var count and > 0) bytes.Write(chunk, 0, count);
        return bytes.ToArray();
    }

    private static Dictionary<string, string> Variables(byte[] environment)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in Encoding.UTF8.GetString(environment).Split('\0'))
        {
            var equals = variable.IndexOf('=');
            if (equals > 0 && Wanted.Contains(variable[..equals])) found.TryAdd(variable[..equals], variable[(equals + 1)..]);
        }
        return found;
    }
}
