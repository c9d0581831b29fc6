using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>Is told where captures stand; must return at once and never throw.</summary>
internal interface ICaptureListener
{
    /// <summary>A capture came to another stage, or went on within one (about twice a second).</summary>
    /// <param name="progress">Where it stands; the newest by its sequence holds.</param>
    /// <param name="isStageNew">True where the stage is another one than before.</param>
    void Progressed(CaptureProgress progress, bool isStageNew);
}
