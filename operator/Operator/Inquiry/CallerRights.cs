using PushPlatform.Kubernetes.Client;
using PushPlatform.Operator.Api;

namespace PushPlatform.Operator.Inquiry;

/// <summary>What somebody asks to see, as a right of RBAC: <c>get</c> on a part of a resource of ours.</summary>
/// <param name="Resource">Plural of the kind.</param>
/// <param name="Part">Its subresource: it is in no API, only in roles.</param>
internal sealed record InquiryRight(string Resource, string Part, string Namespace, string Name)
{
    public static InquiryRight Deliveries(string @namespace, string campaign) => new("pushcampaigns", "deliveries", @namespace, campaign);

    public static InquiryRight Vehicles(string @namespace, string pool) => new("pushpools", "vehicles", @namespace, pool);

    public override string ToString() => $"get {Resource}/{Part}.{PushApi.Group} \"{Name}\" in namespace \"{Namespace}\"";
}

/// <summary>Who asks, and whether they may: nothing is decided here, the API server is asked each time.</summary>
internal interface ICallerRights
{
    /// <summary>Null: the API server does not know the token.</summary>
    Task<V1UserInfo?> WhoAsync(string token, CancellationToken cancellationToken);

    Task<bool> MayAsync(V1UserInfo user, InquiryRight right, CancellationToken cancellationToken);
}

/// <inheritdoc cref="ICallerRights"/>
internal sealed class CallerRights(IKubernetesClient kubernetes) : ICallerRights
{
    public async Task<V1UserInfo?> WhoAsync(string token, CancellationToken cancellationToken)
    {
        V1TokenReview review = await kubernetes.CreateAsync(new V1TokenReview { Spec = new V1TokenReviewSpec { Token = token } }, cancellationToken: cancellationToken);
        return review.Status is { Authenticated: true, User: { Username.Length: > 0 } user } ? user : null;
    }

    public async Task<bool> MayAsync(V1UserInfo user, InquiryRight right, CancellationToken cancellationToken)
    {
        V1SubjectAccessReview review = new()
        {
            Spec = new V1SubjectAccessReviewSpec
            {
                User = user.Username,
                Uid = user.Uid,
                Groups = user.Groups,
                Extra = user.Extra,
                ResourceAttributes = new V1ResourceAttributes
                {
                    Verb = "get",
                    Group = PushApi.Group,
                    Version = PushApi.Version,
                    Resource = right.Resource,
                    Subresource = right.Part,
                    NamespaceProperty = right.Namespace,
                    Name = right.Name,
                },
            },
        };
        return (await kubernetes.CreateAsync(review, cancellationToken: cancellationToken)).Status?.Allowed == true;
    }
}
