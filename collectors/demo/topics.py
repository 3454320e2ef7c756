"""What the invented team writes about. All texts are our own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """`appeal` multiplies how many people react; `subject` is how a sentence calls it."""

    title: str
    subject: str
    style: str
    tag: str
    appeal: float


TOPICS = (
    Topic("What a Chatbot Taught Us About Our Own FAQ", "our help pages", "story", "CustomerSupport", 1.35),
    Topic("Five Reports Nobody Reads and One Everybody Does", "reporting", "insight", "Analytics", 1.5),
    Topic("How Small Shops Forecast Demand Without a Data Team", "demand forecasting", "educational", "Retail", 1.1),
    Topic("Case Study: Halving Invoice Errors in a Quarter", "invoice checks", "case_study", "Finance", 0.95),
    Topic("The Quiet Cost of Copy and Paste", "manual copying", "professional_post", "Productivity", 1.25),
    Topic("Prompt Libraries: Shared Notes for a Whole Team", "prompt libraries", "educational", "GenerativeAI", 1.4),
    Topic("Why Our First Automation Failed", "our first automation", "story", "LessonsLearned", 1.7),
    Topic("Choosing Between a Rule and a Model", "rules and models", "insight", "MachineLearning", 1.0),
    Topic("A Clinic's Waiting Room, Reorganised by Data", "appointment planning", "case_study", "HealthTech", 1.15),
    Topic("Meetings That Became Dashboards", "status meetings", "professional_post", "Leadership", 1.3),
    Topic("Explaining a Model to the People It Affects", "explanations", "educational", "ResponsibleAI", 0.9),
    Topic("Spring Cleaning for Spreadsheets", "old spreadsheets", "promotional", "DataQuality", 0.8),
    Topic("Translation Memory Meets Language Models", "translation work", "insight", "Localisation", 0.75),
    Topic("Case Study: Night Shifts and Sensor Alarms", "alarm handling", "case_study", "Manufacturing", 0.85),
    Topic("Hiring for Curiosity in Data Teams", "hiring", "professional_post", "Hiring", 1.2),
    Topic("What Good Alt Text Does for Reach", "alt text", "educational", "Accessibility", 1.05),
    Topic("The Checklist Behind Every Calm Launch", "launch checklists", "industry_insights", "ProductManagement", 1.1),
    Topic("Energy Bills, Explained by Your Own Meters", "energy data", "insight", "Sustainability", 0.95),
    Topic("From Ticket Backlog to Weekly Zero", "the ticket backlog", "story", "Operations", 1.25),
    Topic("Synthetic Data: Useful, With Labels On", "synthetic data", "industry_insights", "DataEthics", 0.9),
    Topic("Teaching Interns to Question Averages", "averages", "educational", "Statistics", 1.45),
    Topic("A Museum's Audio Guide in Eleven Languages", "the audio guide", "case_study", "Culture", 1.2),
    Topic("Small Models on Old Laptops", "small models", "insight", "OpenSource", 1.55),
    Topic("Route Planning for Meals on Wheels", "route planning", "story", "SocialImpact", 1.4),
    Topic("The Newsletter Test: Would You Forward It?", "newsletters", "professional_post", "ContentStrategy", 1.0),
    Topic("Audit Trails People Actually Use", "audit trails", "industry_insights", "Compliance", 0.7),
    Topic("Farm Weather, One Field at a Time", "field forecasts", "case_study", "AgriTech", 0.9),
    Topic("Naming Things: A Style Guide for Metrics", "metric names", "educational", "Metrics", 1.15),
    Topic("Office Hours Instead of Slide Decks", "office hours", "promotional", "Community", 0.85),
    Topic("Zażółć gęślą jaźń: Names Your Forms Reject", "names in forms", "story", "Unicode", 1.3),
)

HOOKS = (
    "We measured {subject} for six weeks. The surprise was in week two.",
    "Most advice about {subject} starts with a tool. Ours starts with a list.",
    "Nobody on our team wanted to own {subject}. Then someone drew it on a whiteboard.",
    "A customer asked one question about {subject} that we could not answer. 🤔",
    "If {subject} takes more than an hour a week, read on.",
    "Unpopular opinion: {subject} is a writing problem before it is a data problem.",
    "🚀 Three changes made {subject} boring again. Boring is good.",
    "“It has always been like that” is not a reason. We looked at {subject} anyway.",
)

POINTS = (
    "Write down what already happens before changing any of it.",
    "One owner, one number, one place to look it up.",
    "The first version answered {percent} % of the cases; the rest went to a person, on purpose.",
    "We kept the old way running for a month and compared every single day.",
    "Errors fell by {percent} %, mostly because people could finally see them.",
    "Nobody missed the second approval step. We asked twice.",
    "The model is the small part; agreeing on the words took longer.",
    "Every Friday we delete one thing that nobody opened.",
    "It cost {hours} hours to build and saves about {hours} each month.",
    "Newcomers explain it to us now, which is the best test we know.",
    "Half of the gain came from a better form, not from any algorithm.",
    "We publish the misses beside the hits ✅",
    "A short delay that is announced beats a fast answer that is wrong.",
    "What is rare stays manual. What is frequent gets a checklist first, a script later.",
)

MARKS = ("→", "•", "🔹", "1️⃣", "–")

CLOSINGS = (
    "What would you measure first?",
    "How does your team handle it?",
    "Where did this go differently for you?",
    "We share the template with anyone who asks. 💬",
    "Tomorrow: what we would not do again.",
    "Which of these would fail where you work, and why?",
)

CAPTIONS = (
    "Behind the scenes: {subject} ✨",
    "One sketch, one lesson about {subject}.",
    "Swipe for the before and after of {subject} 👉",
    "Coffee, sticky notes and {subject} ☕",
    "{subject}, in a single picture.",
)
