using Monitoring.Agent.Devices.Files;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>One process of a recording.</summary>
/// <param name="Client">Who it is.</param>
/// <param name="Torch">Its PyTorch.</param>
/// <param name="Root">Its file system, held open so that its trace can be taken even when it has ended.</param>
/// <param name="LogFile">Where it is told to write, as it sees its file system.</param>
internal sealed record KinetoTarget(KinetoClient Client, TorchFound Torch, ProcessRoot Root, string LogFile) : IDisposable
{
    /// <summary>Where its trace appears: a name of this capture alone.</summary>
    internal string OwnTrace => KinetoConfig.WrittenAs(LogFile, Client.OwnPid);

    /// <summary>Where its trace may appear, the likely place first; the second is where PyTorch writes when it does not like the first.</summary>
    internal IReadOnlyList<string> Traces => [OwnTrace, $"{KinetoConfig.UsualFolder}/libkineto_activities_{Client.OwnPid}.json"];

    /// <inheritdoc/>
    public void Dispose() => Root.Dispose();
}
