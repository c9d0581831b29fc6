using System.Globalization;
using System.Text;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Monitoring.Agent.Devices.Sockets;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

/// <summary>A job as PyTorch lives on the test's clock: asks every five seconds, writes aside and renames.</summary>
internal sealed class FakeJob(KinetoDesk desk, JobFiles files, ManualTimeProvider time, long pid, int ownPid, uint uid)
{
    private readonly DatagramAddress address = DatagramAddress.Abstract($"dynoconfigclient-{Guid.NewGuid()}\0");
    private DateTimeOffset asked;
    private bool isDone;

    internal List<LibkinetoConfig> Configurations { get; } = [];

    internal DateTimeOffset HandedAt { get; private set; }

    internal bool IsSilent { get; set; }

    internal bool Writes { get; set; } = true;

    internal string? WritesTo { get; set; }

    internal Action<string>? Plants { get; set; }

    internal Action? Handed { get; set; }

    internal void Live()
    {
        if (!IsSilent && time.GetUtcNow() - asked >= TimeSpan.FromSeconds(5)) Ask();
        if (Configurations is not [var config, ..] || isDone || !Writes || time.GetUtcNow() < config.Start + config.Duration) return;
        isDone = true;
        var path = files.Inside(WritesTo ?? config.Path.Replace(".json", string.Create(CultureInfo.InvariantCulture, $"_{ownPid}.json"), StringComparison.Ordinal), pid);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (Plants is not null)
        {
            Plants(path);
            return;
        }
        File.WriteAllText(path + ".tmp", string.Create(CultureInfo.InvariantCulture, $$"""{"traceEvents":[{"pid":{{pid}}}]}"""));
        File.SetLastWriteTimeUtc(path + ".tmp", time.GetUtcNow().UtcDateTime);
        File.Move(path + ".tmp", path, overwrite: true);
    }

    internal void Ask()
    {
        asked = time.GetUtcNow();
        var answer = desk.Answer(new DatagramSender(address, (int)pid, uid), LibkinetoClient.Request(Configurations.Count > 0 && !isDone ? 0 : 3, 0, ownPid))!;
        desk.Sent(answer, DatagramSend.Sent);
        if (answer.Frame.Length == KinetoFrames.HeaderBytes) return;
        Configurations.Add(LibkinetoConfig.Parse(Encoding.UTF8.GetString(answer.Frame.AsSpan(KinetoFrames.HeaderBytes)))!);
        HandedAt = time.GetUtcNow();
        Handed?.Invoke();
    }
}
