using System.Diagnostics;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Hosting;
using Monitoring.Settings;

namespace Monitoring.Agent.Doctor;

/// <summary>The machine that the doctor runs on.</summary>
internal static class LocalMachine
{
    private static readonly TimeSpan ProgramPatience = TimeSpan.FromSeconds(5);
    private const int AnswerCharactersAtMost = 16 << 10;

    internal static DoctorNode Node(SettingsLoad<AgentSettings> loaded, string? configuration, HttpClient http, HttpClient localHttp, TimeProvider time)
    {
        var settings = loaded.Value ?? new AgentSettings();
        return new DoctorNode
        {
            Settings = settings,
            SettingErrors = loaded.Errors,
            RuleErrors = () => [.. new RuleLayers(settings.Detection).Load().Mistakes.Select(static mistake => mistake.ToString())],
            ConfigurationFile = configuration ?? "",
            Driver = DriverView.Ask(settings.Devices.NvmlLibrary, time),
            Variable = Environment.GetEnvironmentVariable,
            User = Environment.UserName,
            TryOpen = TryOpen,
            RunProgram = Run,
            FreeBytes = FreeBytes,
            ClockIsSynchronised = KernelClock.IsSynchronised,
            Http = http,
            LocalHttp = localHttp,
            Time = time,
        };
    }

    private static string? TryOpen(string path, FileAccess access)
    {
        try
        {
            if (Directory.Exists(path))
            {
                // What permissions say of root or of a read-only file system is not what happens.
                var probe = Path.Combine(path, $".doctor-{Environment.ProcessId}");
                File.WriteAllBytes(probe, []);
                File.Delete(probe);
                return null;
            }
            using var handle = File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return fault.Message.TrimEnd('.');
        }
    }

    private static long? FreeBytes(string path)
    {
        try
        {
            return new DriveInfo(path).AvailableFreeSpace;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Runs a program that prints its version, with a limit on its time and on what it prints.</summary>
    private static string? Run(string program, string argument)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, [argument]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true });
            if (process is null) return null;
            process.StandardInput.Close();
            var answer = Task.Run(() =>
            {
                var text = new char[AnswerCharactersAtMost];
                return new string(text, 0, process.StandardOutput.ReadBlock(text));
            });
            if (process.WaitForExit(ProgramPatience) && answer.Wait(ProgramPatience)) return answer.Result;
            process.Kill(entireProcessTree: true);
            return null;
        }
        catch (Exception fault) when (fault is System.ComponentModel.Win32Exception or IOException or InvalidOperationException)
        {
            return null;
        }
    }
}
