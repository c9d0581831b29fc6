using System.Text.Json;
using Monitoring.Agent.Capture;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Shipping.Commands;

/// <summary>
/// Takes the commands of a stream to where captures are asked for, and sees to it that the collector hears of each: what it hears
/// nothing of it tells again.
/// </summary>
internal sealed class CommandDesk(ICaptureDesk desk, ICaptureListener reporter, string node, TimeProvider time)
{
    /// <summary>Carries out a command; null, or why it is none.</summary>
    internal string? Take(string json, out long sequence)
    {
        sequence = 0;
        AgentCommand? command;
        try
        {
            command = JsonSerializer.Deserialize(json, CommandJson.Default.AgentCommand);
        }
        catch (JsonException fault)
        {
            return fault.Message;
        }

        if (command is null) return "null is no command";
        sequence = command.Sequence;
        if (command.Capture is { } request) return Capture(request);
        if (command.Cancel is { } id) return Cancel(id);
        return "it has neither capture nor cancel; it may be of a newer collector";
    }

    private string? Capture(CaptureRequest request)
    {
        if (!EventId.IsValid(request.Id)) return $"its id '{request.Id}' is not 32 lower-case hexadecimal digits";
        if (request.Target.Node != node)
        {
            Say(request.Id, CaptureStage.Refused, $"it is for node '{request.Target.Node}', this is '{node}'", CaptureRefusal.Invalid);
            return null;
        }

        if (request.ExpiresAt <= time.GetUtcNow() && desk.Progress(request.Id) is null)
        {
            Say(request.Id, CaptureStage.Refused, $"it was wanted until {request.ExpiresAt:yyyy-MM-ddTHH:mm:ssZ}, this node's clock says {time.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}", CaptureRefusal.Expired);
            return null;
        }

        var answer = desk.Request(request);
        // Known from before, such as when the command is told again: the collector has not heard of it yet.
        if (desk.Progress(request.Id) is { } progress) reporter.Progressed(progress, isStageNew: true);
        else if (answer.Refusal is { } refusal) Say(request.Id, CaptureStage.Refused, answer.Words, refusal);
        return null;
    }

    private string? Cancel(string id)
    {
        if (!EventId.IsValid(id)) return $"the id '{id}' that it takes back is not 32 lower-case hexadecimal digits";
        desk.Cancel(id);
        if (desk.Progress(id) is { } progress) reporter.Progressed(progress, isStageNew: true);
        else Say(id, CaptureStage.Cancelled, "it is not known on this node", null);
        return null;
    }

    /// <summary>Says something of a capture that this node does not know: any word of its own goes before it.</summary>
    private void Say(string id, CaptureStage stage, string words, CaptureRefusal? refusal) => reporter.Progressed(new CaptureProgress(id, node, 1, time.GetUtcNow(), stage, words, Refusal: refusal), isStageNew: true);
}
