namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>What is free where a job's session writes, asked anew while it is recorded without anyone waiting for the answer.</summary>
internal sealed class NsysSessionSpace(NsysSessionRecording recording)
{
    private Task<long?> asked = Task.FromResult<long?>(null);

    /// <summary>The newest answer; null before the first.</summary>
    internal long? Latest()
    {
        if (!asked.IsCompleted) return null;
        var answer = asked.Result;
        asked = recording.FreeAsync(CancellationToken.None);
        return answer;
    }
}
