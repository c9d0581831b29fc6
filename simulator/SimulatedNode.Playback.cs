using Monitoring.Contracts.Recordings;
using Monitoring.Simulator.Playback;

namespace Monitoring.Simulator;

/// <content>A recording in place of the model.</content>
public sealed partial class SimulatedNode
{
    private NodePlayback? _playback;

    /// <summary>True once a recording was played to its end; its last readings stay.</summary>
    public bool HasPlayed
    {
        get
        {
            lock (Gate) return _playback is { HasEnded: true };
        }
    }

    /// <summary>Events that were raised since the node was created.</summary>
    public ulong RaisedEvents => Volatile.Read(ref _state.Node.EventCount);

    /// <summary>Plays a recording from now on; the GPUs become those of the recording, and incidents of the model are refused.</summary>
    /// <param name="path">The file.</param>
    /// <param name="contents">What is in it.</param>
    /// <param name="loop">Begins again at its end.</param>
    /// <exception cref="RecordingException">The file is no recording.</exception>
    public void Play(string path, RecordingContents contents, bool loop)
    {
        lock (Gate)
        {
            _playback?.Dispose();
            _playback = new NodePlayback(this, path, contents, loop);
        }
    }
}
