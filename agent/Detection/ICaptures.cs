using Monitoring.Agent.Detection.Rules;

namespace Monitoring.Agent.Detection;

/// <summary>Takes captures; asked by detection, which goes on at once.</summary>
internal interface ICaptures
{
    /// <summary>Asks for a capture of the moment in which a rule fired.</summary>
    /// <returns>What becomes of it, in words for the event, such as <c>refused: no profiler is set up</c>.</returns>
    string Request(RuleChange change);
}
