using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Devices.Kernel;
using Monitoring.Agent.Hosting;
using Monitoring.Agent.Recordings;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Recordings;
using Monitoring.Settings.Values;
using Serilog;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent record</c>: writes what this node samples, and what happens on it, to a file.</summary>
internal static class RecordCommand
{
    private static readonly TimeSpan TurnInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan DriverPatience = TimeSpan.FromSeconds(10);

    internal static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "File to write, by custom *.gpurec; it must not exist yet." };
        var duration = new Option<string?>("--duration") { Description = "How long, such as 10m; without it, until Ctrl-C.", HelpName = "DURATION" };
        var gpus = new Option<string?>("--gpus") { Description = "Only these GPUs, such as 0,3.", HelpName = "LIST" };
        var command = new Command("record", "Records every sample of this node's GPUs, and its events, to a file; beside a running agent too.") { file, duration, gpus };
        command.SetAction(result =>
        {
            var error = result.InvocationConfiguration.Error;
            var limit = TimeSpan.MaxValue;
            if (result.GetValue(duration) is { } text && !(Duration.TryParse(text, out limit) && limit > TimeSpan.Zero))
            {
                error.WriteLine($"--duration is '{text}', expected a duration such as 10m");
                return CommandExit.WrongInput;
            }
            if (!TryIndexes(result.GetValue(gpus), out var only))
            {
                error.WriteLine($"--gpus is '{result.GetValue(gpus)}', expected indexes of GPUs such as 0,3");
                return CommandExit.WrongInput;
            }
            if (Configuration.Load(result) is not { } settings) return CommandExit.WrongInput;
            return Record(settings, result.GetRequiredValue(file), limit, only, result.InvocationConfiguration.Output, error, TimeProvider.System);
        });
        return command;
    }

    private static int Record(AgentSettings settings, string path, TimeSpan limit, HashSet<int>? only, TextWriter output, TextWriter error, TimeProvider time)
    {
        FileStream file;
        try
        {
            // Without a buffer of its own: a disk that is full is met where the words for it are.
            file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            error.WriteLine(File.Exists(path) ? $"{path} exists: give another name, or remove it" : fault.Message);
            return CommandExit.Failure;
        }
        using var _ = file;
        var stop = new StopSignal();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var log = new LoggerConfiguration().MinimumLevel.Warning().WriteTo.Console(
            standardErrorFromLevel: Serilog.Events.LogEventLevel.Verbose, outputTemplate: "{Message:lj}{NewLine}", formatProvider: CultureInfo.InvariantCulture).CreateLogger();
        using var logging = LoggerFactory.Create(builder => builder.AddSerilog(log));
        var node = new NodeSampler(settings.Cluster, settings.NodeName, settings.Devices, settings.Sampling, time, logging.CreateLogger<NodeSampler>());
        node.Start();
        try
        {
            // The header names the driver, which the first look at the node finds; one that hangs is recorded as it is.
            var began = time.GetTimestamp();
            while (node.Rounds == 0 && time.GetElapsedTime(began) < DriverPatience && !stop.Wait(TurnInterval)) { }
            return Write(settings, node, path, file, limit, only, stop, logging, output, error, time);
        }
        finally
        {
            node.Stop();
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Set();
        }
    }

    private static int Write(
        AgentSettings settings, NodeSampler node, string path, FileStream file, TimeSpan limit, HashSet<int>? only, StopSignal stop, ILoggerFactory logging,
        TextWriter output, TextWriter error, TimeProvider time)
    {
        var lanes = new SupervisedLanes(node, settings.Sampling, time, logging.CreateLogger<SupervisedLanes>());
        var readings = new NodeReadings();
        new SamplingReadings(node, lanes, new Freshness(settings.Sampling, time), time).Register(readings);
        new ProcessReadings(time).Register(readings);
        var identity = new NodeIdentity(settings.Cluster, settings.NodeName, new KernelBoot(settings.Devices.Procfs).Id);
        var sources = EventSources.Create(settings, node, lanes, identity.BootId, readings, time, logging);
        var began = time.GetTimestamp();
        RecordingWriter? writer = null;
        try
        {
            writer = new RecordingWriter(file, new RecordingHeader(settings.NodeName, settings.Cluster, identity.BootId, ProcessReadings.Version, time.GetUtcNow(), time.TimestampFrequency)
            {
                DriverVersion = node.DriverVersion,
                CudaVersion = node.CudaVersion,
            });
            var recorder = new NodeRecorder(writer, () => FrameSource.Of(node).Where(source => only is null || only.Contains(source.Gpu.Index)), readings, time);
            var events = new EventRecorder(identity, sources.All, () => FrameSource.Of(node).Select(static source => source.Gpu), recorder, only,
                fault => error.WriteLine($"An event could not be made: {fault.Message}"), time);
            events.Start();
            try
            {
                var lookedAt = began;
                do
                {
                    if (time.GetElapsedTime(lookedAt) >= TimeSpan.FromSeconds(1))
                    {
                        lookedAt = time.GetTimestamp();
                        _ = lanes.Look();
                    }
                    events.Turn();
                    recorder.Turn();
                }
                while (time.GetElapsedTime(began) < limit && !stop.Wait(TurnInterval));
            }
            finally
            {
                events.Stop();
            }
            recorder.Turn();
            writer.End();
            output.WriteLine(Summary(path, time.GetElapsedTime(began), writer, recorder));
            return CommandExit.Success;
        }
        catch (Exception fault) when (fault is IOException or ArgumentException)
        {
            error.WriteLine($"The recording ended early: {fault.Message}");
            if (writer is not null) error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{path} can be played up to there: {writer.FramesInStream} frames"));
            return CommandExit.Failure;
        }
    }

    private static string Summary(string path, TimeSpan lasted, RecordingWriter writer, NodeRecorder recorder)
    {
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{path}: {Duration.Format(TimeSpan.FromSeconds(Math.Round(lasted.TotalSeconds)))}, {recorder.Gpus.Count} GPUs, {writer.Frames} frames, {writer.Events} events, {writer.Bytes / 1e6:0.0} MB");
        if (recorder.Missed > 0) text += string.Create(CultureInfo.InvariantCulture, $"; {recorder.Missed} frames were missed, since they could not be written in time");
        if (recorder.EventsDropped + writer.EventsTooLong is > 0 and var dropped) text += string.Create(CultureInfo.InvariantCulture, $"; {dropped} events were dropped");
        return text;
    }

    private static bool TryIndexes(string? text, out HashSet<int>? indexes)
    {
        indexes = null;
        if (text is null) return true;
        indexes = [];
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index)) return false;
            indexes.Add(index);
        }
        return true;
    }
}
