using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Monitoring.Agent.Capture.Profilers;

/// <summary>
/// Runs programs that may hang, talk without end or leave children: each has a limit of time and of words, ends with its children, and sees
/// nothing of the agent's environment but what it needs, since profilers write their environment into their reports.
/// </summary>
internal sealed class BoundedProgram(TimeProvider time)
{
    /// <summary>What is kept of each output: the longest help text of a profiler has 60 000 characters.</summary>
    private const int OutputCharactersAtMost = 256 * 1024;

    /// <summary>A daemon that a program leaves behind may hold its output open; after its own end nothing more is waited for.</summary>
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(2);

    /// <summary>Of the agent's environment: where programs and the driver's libraries lie and which GPUs a container has.</summary>
    private static readonly string[] PassedVariables = ["PATH", "LD_LIBRARY_PATH", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "CUDA_VISIBLE_DEVICES"];

    internal async Task<ProgramAnswer> RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = StartOf(call) };
        try
        {
            process.Start();
        }
        catch (Exception fault) when (fault is Win32Exception or IOException or InvalidOperationException)
        {
            return new ProgramAnswer(null, "", "", Trouble: $"{call.Program} cannot be started: {fault.Message}");
        }
        process.StandardInput.Close();
        using var drained = new CancellationTokenSource();
        var output = call.OutputFile is { } file
            ? CopyAsync(process.StandardOutput.BaseStream, file, call.OutputFileBytesAtMost, drained.Token)
            : ReadAsync(process.StandardOutput, drained.Token);
        var errors = ReadAsync(process.StandardError, drained.Token);
        using var limit = new CancellationTokenSource(call.Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var isEnded = false;
        try
        {
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            isEnded = true;
            End(process);
        }
        drained.CancelAfter(DrainPatience);
        var (said, complained) = (await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
        if (!isEnded) return new ProgramAnswer(process.ExitCode, said, complained);
        var isLate = !cancellationToken.IsCancellationRequested;
        return new ProgramAnswer(null, said, complained, isLate, isLate ? $"{Path.GetFileName(call.Program)} did not end within {call.Limit.TotalSeconds:0.#} s" : "it was taken back");
    }

    private static ProcessStartInfo StartOf(ProgramCall call)
    {
        var start = new ProcessStartInfo(call.Program, call.Arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = "/",
        };
        var passed = PassedVariables.Where(start.Environment.ContainsKey).Select(name => (Name: name, Value: start.Environment[name])).ToArray();
        start.Environment.Clear();
        foreach (var (name, value) in passed) start.Environment[name] = value;
        start.Environment["LC_ALL"] = "C";
        if (call.TemporaryDirectory is { } directory) start.Environment["TMPDIR"] = directory;
        return start;
    }

    /// <summary>Ends the program with what it started and still is its child; what detached itself is found by its name.</summary>
    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception fault) when (fault is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended by itself in the meantime, or its child belongs to another user: then its own end is all that can be had.
        }
    }

    /// <summary>Reads to the end and keeps the last part.</summary>
    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var part = new char[4096];
        try
        {
            while (await reader.ReadAsync(part, cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                text.Append(part, 0, count);
                if (text.Length > 2 * OutputCharactersAtMost) text.Remove(0, text.Length - OutputCharactersAtMost);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // What was read until then is what there is.
        }
        return text.Length > OutputCharactersAtMost ? text.ToString(text.Length - OutputCharactersAtMost, OutputCharactersAtMost) : text.ToString();
    }

    /// <summary>Copies to the end of the stream or to the limit; then the pipe closes, and so the program ends.</summary>
    private static async Task<string> CopyAsync(Stream stream, string path, long bytesAtMost, CancellationToken cancellationToken)
    {
        var part = new byte[128 * 1024];
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using var file = new FileStream(path, options);
            long written = 0;
            while (await stream.ReadAsync(part, cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                written += count;
                if (written > bytesAtMost)
                {
                    await stream.DisposeAsync().ConfigureAwait(false);
                    return $"more than {bytesAtMost} bytes";
                }
                await file.WriteAsync(part.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
            return "";
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            return fault.Message;
        }
    }
}
